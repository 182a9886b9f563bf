import { FAULT_KINDS } from './index.ts';
import { CONFORMANCE } from './testing/conformance.ts';

for (const kind of FAULT_KINDS) {
  describe(`fault ${kind.kind}`, () => {
    for (const { name, check } of CONFORMANCE) it(name, () => check(kind));
  });
}
