import { FAULT_KINDS } from './index.ts';
import { CONFORMANCE } from './testing/conformance.ts';
import { scaleWith } from './testing/scale.ts';

// One that is not of the package, too: what the suite asks for must be possible with another field than theirs.
for (const kind of [...FAULT_KINDS, scaleWith()]) {
  describe(`fault ${kind.kind}`, () => {
    for (const { name, check } of CONFORMANCE) it(name, () => check(kind));
  });
}
