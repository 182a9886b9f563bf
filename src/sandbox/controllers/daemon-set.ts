import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { isEnded, nodeOf } from '../../model/pod-object.ts';
import { at, mapOf, mapsOf, numberOf, stringOf } from '../api/json.ts';
import { type Controller, type ControllerContext, keyOf, splitKey } from './controller.ts';
import { isWanted, tolerates } from './node-fit.ts';
import { createPod, deletePod, ownKeys, podsOf, REVISION_LABEL, templateHash, writeOwnStatus } from './own-pods.ts';
import { isReady } from './pods.ts';

const KIND = KINDS.daemonSet;

/** What every pod of a DaemonSet bears, beside what its template says (pkg/controller/daemon/util AddOrUpdateDaemonPodTolerations). */
const BORNE = ['not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map(
  (name) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists' }),
);

/** Keeps one pod of a DaemonSet on each node that fits, and replaces old ones within maxUnavailable (pkg/controller/daemon). */
export function daemonSetController(context: ControllerContext): Controller {
  const { store } = context;
  return {
    name: 'daemonset-controller',
    keys({ object }) {
      if (object.kind !== KINDS.node.kind) return ownKeys(KIND, object);
      return store.list(KIND).map(({ metadata }) => keyOf(metadata.namespace, metadata.name));
    },
    reconcile(key) {
      const set = store.get({ ...KIND, ...splitKey(key) });
      if (set === undefined) return undefined;
      const nodes = store.list(KINDS.node).filter((node) => fits(set, node));
      const names = nodes.map(({ metadata }) => metadata.name ?? '');
      if (set.metadata.deletionTimestamp === undefined) {
        place(set, names, context);
        if (at(set, 'spec', 'updateStrategy', 'type') !== 'OnDelete') updateNext(set, names, context);
      }
      writeStatus(set, names, context);
      return undefined;
    },
  };
}

const isGoing = (pod: KubeObject) => pod.metadata.deletionTimestamp !== undefined;
const isNew = (pod: KubeObject, set: KubeObject) => pod.metadata.labels?.[REVISION_LABEL] === templateHash(set);

function fits(set: KubeObject, node: KubeObject): boolean {
  const template = mapOf(at(set, 'spec', 'template'));
  const spec = mapOf(template.spec);
  const pod = { ...KINDS.pod, metadata: {}, spec: { ...spec, tolerations: [...mapsOf(spec.tolerations), ...BORNE] } };
  const taints = mapsOf(at(node, 'spec', 'taints')).filter(({ effect }) => effect !== 'PreferNoSchedule');
  return isWanted(pod, node) && taints.every((taint) => tolerates(pod, taint));
}

/** A pod for each node that has none, a pod that is going included; what has ended or stands elsewhere goes. */
function place(set: KubeObject, nodes: readonly string[], context: ControllerContext): void {
  const pods = podsOf(set, context);
  for (const pod of pods) {
    if (!isGoing(pod) && (isEnded(pod) || !nodes.includes(nodeOf(pod)))) deletePod(set, pod, KIND, context);
  }
  const template = mapOf(at(set, 'spec', 'template'));
  for (const nodeName of nodes.filter((name) => !pods.some((pod) => nodeOf(pod) === name))) {
    const tolerations = [...mapsOf(at(template, 'spec', 'tolerations')), ...BORNE];
    const labels = { [REVISION_LABEL]: templateHash(set) };
    const name = { generateName: `${set.metadata.name}-` };
    createPod(set, { kind: KIND, template, name, labels, spec: { nodeName, tolerations } }, context);
  }
}

/** Old pods that are not ready go at once, ready ones as far as maxUnavailable allows (daemon/update.go rollingUpdate). */
function updateNext(set: KubeObject, nodes: readonly string[], context: ControllerContext): void {
  const pods = podsOf(set, context).filter((pod) => !isGoing(pod));
  const old = pods.filter((pod) => !isNew(pod, set));
  const down = nodes.length - pods.filter(isReady).length;
  const spare = Math.max(0, maxUnavailable(set, nodes.length) - down);
  const gone = [...old.filter((pod) => !isReady(pod)), ...old.filter(isReady).slice(0, spare)];
  for (const pod of gone) deletePod(set, pod, KIND, context);
}

function maxUnavailable(set: KubeObject, nodes: number): number {
  const value = at(set, 'spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable');
  if (typeof value === 'string') return Math.ceil((Number.parseFloat(stringOf(value)) / 100) * nodes);
  return numberOf(value, 1);
}

function writeStatus(set: KubeObject, nodes: readonly string[], context: ControllerContext): void {
  const pods = podsOf(set, context).filter((pod) => !isGoing(pod) && nodes.includes(nodeOf(pod)));
  const ready = pods.filter(isReady).length;
  const status = {
    observedGeneration: set.metadata.generation ?? 1,
    desiredNumberScheduled: nodes.length,
    currentNumberScheduled: pods.length,
    numberMisscheduled: 0,
    numberReady: ready,
    numberAvailable: ready,
    numberUnavailable: nodes.length - ready,
    updatedNumberScheduled: pods.filter((pod) => isNew(pod, set)).length,
  };
  writeOwnStatus(set, status, context);
}
