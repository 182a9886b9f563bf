import { FaultlineError } from '../model/errors.ts';
import type { FaultKind, Mark } from '../model/fault.ts';
import type { Outside } from '../model/ports.ts';
import type { StarterAim, StarterBlock } from '../model/starter-aim.ts';
import { clientFault } from './client-fault/index.ts';
import { containerKill } from './container-kill/index.ts';
import { controlPlaneDown } from './control-plane-down/index.ts';
import { cpuStress } from './cpu-stress/index.ts';
import { dnsFault } from './dns-fault/index.ts';
import { eastWestCut } from './east-west-cut/index.ts';
import { gatewayDown } from './gateway-down/index.ts';
import { hook } from './hook/index.ts';
import { imageSwap } from './image-swap/index.ts';
import { manifest } from './manifest/index.ts';
import { memoryStress } from './memory-stress/index.ts';
import { meshFault } from './mesh-fault/index.ts';
import { networkPartition } from './network-partition/index.ts';
import { nodeDrain } from './node-drain/index.ts';
import { noop } from './noop/index.ts';
import { podKill } from './pod-kill/index.ts';
import { podNetwork } from './pod-network/index.ts';
import { scale } from './scale/index.ts';
import { zoneBlackhole } from './zone-blackhole/index.ts';
import { zoneNetworkPolicy } from './zone-network-policy/index.ts';

export { marksNamedIn, narrowTo, narrowToPlan, permissionsIn } from './define.ts';

/** Every kind of fault, in the order of the documentation. A new kind is one new folder and one entry here. */
export const FAULT_KINDS: readonly FaultKind[] = [
  imageSwap,
  scale,
  meshFault,
  clientFault,
  podKill,
  podNetwork,
  networkPartition,
  dnsFault,
  containerKill,
  nodeDrain,
  cpuStress,
  memoryStress,
  zoneBlackhole,
  zoneNetworkPolicy,
  controlPlaneDown,
  gatewayDown,
  eastWestCut,
  manifest,
  hook,
  noop,
];

/** The kind whose example `init` writes: it stops one workload of one zone. */
export const STARTER_FAULT: FaultKind = imageSwap;

/** What takes these pods away, for a scenario to start from: the first kind of the list that has a block for them. */
export function starterFault(aim: StarterAim): StarterBlock & { readonly kind: string } {
  for (const kind of FAULT_KINDS) {
    const found = kind.starter?.(aim);
    if (found !== undefined) return { kind: kind.kind, ...found };
  }
  throw new Error('no kind of fault takes pods away whatever they are');
}

/** Every kind of object that carries the mark of some of these faults, once. */
export function marksOf(kinds: readonly FaultKind[]): readonly Mark[] {
  return [...new Map(kinds.flatMap(({ marks }) => marks).map((mark) => [mark.resource, mark])).values()];
}

/** The kinds as `kindOf` has them, whose every step may reach what lies outside of Kubernetes. */
export function kindsReaching(outside: Outside, kindOf: (kind: string) => FaultKind): (kind: string) => FaultKind {
  return (name) => {
    const { sustain, local, ...kind } = kindOf(name);
    return {
      ...kind,
      plan: (fault, context) => kind.plan(fault, { ...context, outside }),
      inject: (plan, context) => kind.inject(plan, { ...context, outside }),
      ...(sustain === undefined ? {} : { sustain: (plan, context) => sustain(plan, { ...context, outside }) }),
      prove: (plan, context) => kind.prove(plan, { ...context, outside }),
      undo: (plan, context) => kind.undo(plan, { ...context, outside }),
      ...(local === undefined ? {} : { local: { byHand: (plan) => local.byHand(plan, { outside }) } }),
    };
  };
}

/** The kind of a planned fault. Throws JOURNAL when a newer version wrote the plan. */
export function faultKind(kind: string): FaultKind {
  const found = FAULT_KINDS.find((candidate) => candidate.kind === kind);
  if (found === undefined) {
    throw new FaultlineError('JOURNAL', `fault kind ${kind} is not known to this version of faultline`, {
      hint: 'Use the version that made the run.',
    });
  }
  return found;
}
