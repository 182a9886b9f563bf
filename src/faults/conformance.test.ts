import type { FaultKind } from '../model/fault.ts';
import { FAULT_KINDS, faultKind, narrowTo } from './index.ts';
import { CONFORMANCE } from './testing/conformance.ts';
import { scaleWith } from './testing/scale.ts';

const ZONE = 'ap-northeast-1a';
const swap = faultKind('imageSwap');
const { deployment: _, ...rest } = swap.example;
const scaled = faultKind('scale');
/** The fake system has no istiod: any Deployment does. */
const aside = {
  ...faultKind('controlPlaneDown'),
  example: { cluster: 'tokyo', namespace: 'default', deployment: `mockb-${ZONE}` },
};

/** One pod on each side: what holds for them holds for a whole zone. */
const partition = {
  ...faultKind('networkPartition'),
  example: {
    ...{ cluster: 'tokyo', namespaces: ['default'] },
    ...{ from: { selector: { app: 'mocka' } }, to: { zone: 'ap-northeast-1b' } },
  },
};

const hook = faultKind('hook');
/** Kinds whose example is of what the fake system does not have. */
const STAGED: Readonly<Record<string, FaultKind>> = {
  controlPlaneDown: aside,
  networkPartition: partition,
  hook: {
    ...hook,
    example: {
      ...hook.example,
      inject: { command: ['on'] },
      undo: { command: ['off'] },
      probe: { command: ['look'] },
    },
  },
};

/** Every kind as its example has it, and the same kinds on other workloads. */
const SUBJECTS = [
  ...FAULT_KINDS.map((kind) => ({ title: kind.kind, kind: STAGED[kind.kind] ?? kind })),
  { title: 'imageSwap of a StatefulSet', kind: { ...swap, example: { ...rest, statefulSet: `db-${ZONE}` } } },
  { title: 'imageSwap of a DaemonSet', kind: { ...swap, example: { ...rest, daemonSet: `agent-${ZONE}` } } },
  {
    title: 'scale of a StatefulSet',
    kind: { ...scaled, example: { cluster: 'tokyo', namespace: 'default', statefulSet: `db-${ZONE}` } },
  },
  // One that is not of the package, too: what the suite asks for must be possible with another field than theirs.
  { title: 'as a contributor writes it', kind: scaleWith() },
];

for (const { title, kind } of SUBJECTS) {
  describe(`fault ${title}`, () => {
    for (const { name, check } of CONFORMANCE) it(name, () => check(narrowTo(kind, kind.example)));
  });
}
