import type { FaultPlan } from '../model/fault.ts';
import type { FaultMove } from '../model/fault-move.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { FaultSpec } from '../model/scenario.ts';
import type { Millis } from '../model/units.ts';
import { type CallerFault, callerFault } from './caller-fault.ts';
import { type LiveSystem, networkGateways } from './live-system.ts';
import type { RolloutPlan, ScalePlan } from './rollout.ts';
import { rolloutOf } from './rollout-plan.ts';
import type { Injected, Packets } from './world.ts';

/** A fault that is planned, as `plan` has it. */
export type PlannedFault = { readonly spec: FaultSpec; readonly plan: Pick<FaultPlan, 'cluster' | 'affected'> };

/** What a fault does to pods, as far as the model knows. */
export type Move = { readonly fault: string; readonly cluster: string; readonly afterMs: Millis } & (
  | { readonly kind: 'nothing' }
  | { readonly kind: 'deaf' }
  | { readonly kind: 'rollout'; readonly namespace: string; readonly workload: string; readonly rollout: RolloutPlan }
  | { readonly kind: 'scale'; readonly namespace: string; readonly workload: string; readonly scale: ScalePlan }
  | ({ readonly kind: 'caller-fault' } & CallerFault)
  | {
      readonly kind: 'kill';
      /** `cluster/namespace/name` of the victims of the first round. */
      readonly victims: readonly string[];
      readonly everyMs: Millis | undefined;
      readonly forced: boolean;
    }
  | {
      readonly kind: 'removal';
      /** `cluster/namespace/name` */
      readonly victims: readonly string[];
    }
  | {
      readonly kind: 'packets';
      /** `cluster/namespace/name` */
      readonly victims: readonly string[];
      readonly packets: Packets;
    }
  | {
      readonly kind: 'inbound-fault';
      /** `cluster/namespace/name` */
      readonly victims: readonly string[];
      readonly injected: Injected;
    }
);

/** What a fault will do, or why nobody can say. */
export function moveOf({ spec, plan }: PlannedFault, system: LiveSystem): Move | { readonly unknown: string } {
  const { cluster } = plan;
  const { move } = spec;
  const base = { fault: spec.name, cluster, afterMs: spec.afterMs };
  switch (move.kind) {
    case 'nothing':
      return { ...base, kind: 'nothing' };
    case 'deaf':
      return { ...base, kind: 'deaf' };
    case 'rollout':
    case 'scale': {
      const changed = changedBy(move, system);
      return 'unknown' in changed ? changed : { ...base, ...changed };
    }
    case 'caller-fault': {
      const own = callerFault(spec.name, move, system);
      return 'unknown' in own ? own : { ...base, kind: 'caller-fault', ...own };
    }
    case 'inbound-fault': {
      const injected = injectedBy(spec.name, move);
      if ('unknown' in injected) return injected;
      return { ...base, kind: 'inbound-fault', victims: victimsOf(plan), injected };
    }
    case 'packets': {
      const { effect, calls, port } = move;
      return { ...base, kind: 'packets', victims: victimsOf(plan), packets: { effect, calls, port } };
    }
    case 'crossings':
      return isWayInOnly(plan, system) ? { ...base, kind: 'nothing' } : unplayed(spec, move.why);
    case 'removal':
      return { ...base, kind: 'removal', victims: victimsOf(plan) };
    case 'kill': {
      const victims = victimsOf(plan);
      const { everyMs, forced } = move;
      return severalOf(system, victims) ?? { ...base, kind: 'kill', victims, everyMs, forced };
    }
    case 'untold':
      return unplayed(spec, move.why);
  }
}

function unplayed({ kind, name }: FaultSpec, why: string): { readonly unknown: string } {
  return { unknown: `${kind} (fault ${name}) is not played: ${why}` };
}

/** Whether nobody notices who stays in his network: the pods take no clients, and a call that goes by them ends the prediction. */
function isWayInOnly({ cluster, affected }: PlannedFault['plan'], system: LiveSystem): boolean {
  const isKnown = networkGateways(system).some((gateway) => gateway.cluster === cluster);
  const isDoor = system.pods.some(
    (pod) =>
      pod.gateway &&
      affected.some((one) => one.cluster === pod.cluster && one.namespace === pod.namespace && one.pod === pod.name),
  );
  return isKnown && !isDoor;
}

function injectedBy(
  fault: string,
  { status, delayMs, percent, isOfSome }: Extract<FaultMove, { kind: 'inbound-fault' }>,
): Injected | { readonly unknown: string } {
  if (!isOfSome) return { status, delayMs, percent };
  return { unknown: `${fault} hits some requests only (headers, port), and which those are is not known` };
}

function victimsOf({ affected }: PlannedFault['plan']): string[] {
  return affected.map(({ cluster, namespace, pod }) => `${cluster}/${namespace}/${pod}`);
}

type Changed = Extract<FaultMove, { kind: 'rollout' | 'scale' }>;

type ChangedMove = { readonly namespace: string; readonly workload: string } & (
  | { readonly kind: 'rollout'; readonly rollout: RolloutPlan }
  | { readonly kind: 'scale'; readonly scale: ScalePlan }
);

/** What becomes of the workload that a fault changes. */
function changedBy(move: Changed, system: LiveSystem): ChangedMove | { readonly unknown: string } {
  const object = workloadOf(system, move.cluster, move);
  if (object === undefined) return unread(move);
  const where = { namespace: move.namespace, workload: move.workload.name };
  if (move.kind === 'scale') {
    const scale = scaleOf(object, move.left);
    return 'unknown' in scale ? scale : { ...where, kind: 'scale', scale };
  }
  const rollout = rolloutOf(object, move.container);
  return 'unknown' in rollout ? rollout : { ...where, kind: 'rollout', rollout };
}

/** The workload that a fault changes, as it is now. */
function workloadOf({ clusters }: LiveSystem, cluster: string, { namespace, workload }: Changed) {
  const { kind, name } = workload;
  const objects = clusters.find((one) => one.name === cluster)?.workloads ?? [];
  return objects.find((one) => one.kind === kind && one.metadata.namespace === namespace && one.metadata.name === name);
}

function unread({ namespace, workload: { kind, name } }: Changed): { readonly unknown: string } {
  return { unknown: `${kind} ${namespace}/${name} could not be read` };
}

function scaleOf({ kind, spec }: KubeObject, left: number): ScalePlan | { readonly unknown: string } {
  if (kind !== 'StatefulSet' && left > 0)
    return { unknown: `which pods go when some stay is the choice of the controller of a ${kind}` };
  const { podManagementPolicy } = (spec ?? {}) as { podManagementPolicy?: string };
  return { left, ordered: kind === 'StatefulSet' && podManagementPolicy !== 'Parallel' };
}

/** Why nobody can say where a StatefulSet loses more than one pod at once. */
function severalOf({ pods }: LiveSystem, victims: readonly string[]): { readonly unknown: string } | undefined {
  const own = pods.filter(
    ({ cluster, namespace, name, madeBy }) =>
      madeBy === 'StatefulSet' && victims.includes(`${cluster}/${namespace}/${name}`),
  );
  const sets = Map.groupBy(own, ({ namespace, workload }) => `${namespace}/${workload}`);
  const several = [...sets].find(([, some]) => some.length > 1)?.[0];
  if (several === undefined) return undefined;
  return {
    unknown: `several pods of StatefulSet ${several} go at once, and who tells in which order they come back is not read`,
  };
}
