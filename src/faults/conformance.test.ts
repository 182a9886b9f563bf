import { faultKind, narrowTo } from './index.ts';
import { CONFORMANCE } from './testing/conformance.ts';
import { scaleWith } from './testing/scale.ts';
import { STAGED_KINDS } from './testing/staged.ts';
import { spoken } from './testing/words.ts';

const ZONE = 'ap-northeast-1a';
const swap = faultKind('imageSwap');
const { deployment: _, ...rest } = swap.example;
const scaled = faultKind('scale');
const { sustain: _again, ...killed } = faultKind('containerKill');
const { every: _every, ...once } = killed.example;

/** Every kind as its example has it, and the same kinds on other workloads. */
const SUBJECTS = [
  ...STAGED_KINDS.map((kind) => ({ title: kind.kind, kind })),
  { title: 'imageSwap of a StatefulSet', kind: { ...swap, example: { ...rest, statefulSet: `db-${ZONE}` } } },
  { title: 'imageSwap of a DaemonSet', kind: { ...swap, example: { ...rest, daemonSet: `agent-${ZONE}` } } },
  { title: 'imageSwap of a Rollout', kind: { ...swap, example: { ...rest, rollout: `web-${ZONE}` } } },
  {
    title: 'scale of a Rollout',
    kind: { ...scaled, example: { cluster: 'tokyo', namespace: 'default', rollout: `web-${ZONE}` } },
  },
  {
    title: 'scale of a StatefulSet',
    kind: { ...scaled, example: { cluster: 'tokyo', namespace: 'default', statefulSet: `db-${ZONE}` } },
  },
  {
    title: 'containerKill by an ephemeral container',
    kind: { ...killed, example: { ...once, image: 'busybox:1.37' } },
  },
  // One that is not of the package, too: what the suite asks for must be possible with another field than theirs.
  { title: 'as a contributor writes it', kind: scaleWith() },
];

for (const { title, kind } of SUBJECTS) {
  describe(`fault ${title}`, () => {
    for (const { name, check } of CONFORMANCE) it(name, () => check(spoken(narrowTo(kind, kind.example))));
  });
}
