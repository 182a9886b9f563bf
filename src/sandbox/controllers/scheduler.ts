import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { isEnded, nodeOf } from '../../model/pod-object.ts';
import { timestamp } from '../api/identity.ts';
import { asMap, asObject, at, clone, ensureMap, type JsonMap, mapsOf, stringOf } from '../api/json.ts';
import { type Controller, type ControllerContext, keyOf, splitKey } from './controller.ts';
import { isWanted, tolerates } from './node-fit.ts';
import { isActive } from './pods.ts';
import { crowding, spreadMisfit, spreadsOf } from './topology-spread.ts';

const COMPONENT = 'default-scheduler';

/** Puts pods on nodes: selectors, affinity, taints and spread constraints decide where they may go, the emptiest of those nodes gets them. */
export function schedulerController(context: ControllerContext): Controller {
  const { store } = context;
  const waiting = (): KubeObject[] => store.list(KINDS.pod).filter(isWaiting);
  return {
    name: COMPONENT,
    keys({ type, object }) {
      if (object.kind === KINDS.pod.kind && type !== 'DELETED') {
        return isWaiting(object) ? [keyOf(object.metadata.namespace, object.metadata.name)] : [];
      }
      // A pod that has gone may leave room by the spread of those that wait.
      if (object.kind !== KINDS.node.kind && object.kind !== KINDS.pod.kind) return [];
      return waiting().map((pod) => keyOf(pod.metadata.namespace, pod.metadata.name));
    },
    reconcile(key) {
      const pod = store.get({ ...KINDS.pod, ...splitKey(key) });
      if (pod === undefined || !isWaiting(pod)) return undefined;
      const nodes = store.list(KINDS.node);
      const spreads = spreadsOf(
        pod,
        nodes.filter((node) => isWanted(pod, node)),
        store,
      );
      const reasons = nodes.map((node) => misfit(pod, node) ?? spreadMisfit(spreads, node));
      const fitting = nodes.filter((_, index) => reasons[index] === undefined);
      if (fitting.length === 0)
        refuse(
          pod,
          reasons.filter((reason) => reason !== undefined),
          context,
        );
      else bind(pod, emptiest(leastCrowded(fitting, spreads), context), context);
      return undefined;
    },
  };
}

function isWaiting(pod: KubeObject): boolean {
  return nodeOf(pod) === '' && isActive(pod) && at(pod, 'spec', 'schedulerName') === COMPONENT;
}

/** Why a pod cannot go to a node, in the scheduler's words; undefined when it can. */
function misfit(pod: KubeObject, node: KubeObject): string | undefined {
  if (!isWanted(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  if (
    at(node, 'spec', 'unschedulable') === true &&
    !tolerates(pod, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' })
  ) {
    return 'node(s) were unschedulable';
  }
  const taint = mapsOf(at(node, 'spec', 'taints')).find(
    (one) => one.effect !== 'PreferNoSchedule' && !tolerates(pod, one),
  );
  if (taint !== undefined) return `node(s) had untolerated taint(s) {${stringOf(taint.key)}: ${stringOf(taint.value)}}`;
  const ready = mapsOf(at(node, 'status', 'conditions')).find((one) => one.type === 'Ready');
  return ready === undefined || ready.status === 'True' ? undefined : 'node(s) were not ready';
}

function leastCrowded(nodes: readonly KubeObject[], spreads: ReturnType<typeof spreadsOf>): readonly KubeObject[] {
  const least = Math.min(...nodes.map((node) => crowding(spreads, node)));
  return nodes.filter((node) => crowding(spreads, node) === least);
}

function emptiest(nodes: readonly KubeObject[], { store }: ControllerContext): KubeObject {
  const load = new Map<string, number>();
  for (const pod of store.list(KINDS.pod).filter((one) => !isEnded(one))) {
    load.set(nodeOf(pod), (load.get(nodeOf(pod)) ?? 0) + 1);
  }
  const loadOf = (node: KubeObject): number => load.get(node.metadata.name ?? '') ?? 0;
  return nodes.reduce((best, node) => (loadOf(node) < loadOf(best) ? node : best));
}

function bind(pod: KubeObject, node: KubeObject, { store, clock, events }: ControllerContext): void {
  const { name = '' } = node.metadata;
  const next = clone(asMap(pod));
  ensureMap(next, 'spec').nodeName = name;
  const bound = store.update(asObject(next));
  store.update(withCondition(bound, { type: 'PodScheduled', status: 'True' }, timestamp(clock)), {
    subresource: 'status',
  });
  const message = `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${name}`;
  events.record(pod, { type: 'Normal', reason: 'Scheduled', message, component: COMPONENT });
}

function refuse(pod: KubeObject, reasons: readonly string[], { store, clock, events }: ControllerContext): void {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  const message = `0/${reasons.length} nodes are available: ${parts.join(', ') || 'no nodes available to schedule pods'}.`;
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
  const before = mapsOf(at(pod, 'status', 'conditions')).find((one) => one.type === 'PodScheduled');
  if (before?.message === message) return;
  const current = store.update(withCondition(pod, condition, timestamp(clock)), { subresource: 'status' });
  events.record(current, { type: 'Warning', reason: 'FailedScheduling', message, component: COMPONENT });
}

/** The pod with one condition set; the others stay. */
function withCondition(pod: KubeObject, condition: JsonMap, time: string): KubeObject {
  const next = clone(asMap(pod));
  const status = ensureMap(next, 'status');
  const others = mapsOf(status.conditions).filter((one) => one.type !== condition.type);
  status.conditions = [...others, { lastProbeTime: null, lastTransitionTime: time, ...condition }];
  return asObject(next);
}
