import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { SCAN_COMMAND } from '../../model/recover-command.ts';
import { ALL_AFFECTED } from '../../model/toll.ts';
import { affectedBy, partsOf } from '../../workload/pods.ts';
import { admittedValue } from '../admission.ts';
import { type Shortage, shortages, shortageText } from '../budgets.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { endAll } from '../end-all.ts';
import { markedBy, setOps } from '../marks.ts';
import type { DrainBlock } from './block.ts';
import { chosenNodes, cordonOf, type DrainData, nodeRef, zoneOf, zonesLost } from './nodes.ts';
import { type OnNodes, podsOn } from './pods.ts';

/** Looks which nodes are meant, and whom an eviction would take from them. */
export async function plan(
  { name, block }: FaultRequest<DrainBlock>,
  context: FaultContext,
): Promise<PlanDraft<DrainData>> {
  const { cluster } = context;
  const where = `cluster ${cluster.name}: nodeDrain ${name}`;
  const all = await cluster.list(KINDS.node, {});
  const nodes = chosenNodes(all, block, where);
  for (const node of nodes) refuseMarked(node, where);
  const names = new Set(nodes.map(({ metadata }) => metadata.name ?? ''));
  const zones = new Map(all.map((node) => [node.metadata.name ?? '', zoneOf(node)]));
  const on = await podsOn(names, block, zones, context, where);
  if (on.go.length === 0) {
    const what = `${where} would evict nobody: no pod of ${block.namespaces.join(', ')} on ${[...names].join(', ')} can go`;
    const hint = on.stay.length === 0 ? 'kubectl get pods -A -o wide' : `They stay: ${on.stay.join(', ')}`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint });
  }
  const held = await shortages(on.go, cluster);
  refuseHeld(where, held);
  const affected = affectedBy(cluster, on.go);
  const hit = new Set(affected.map(({ zone }) => zone));
  const free = nodes.filter((node) => cordonOf(node) !== true);
  await endAll(free.map((node) => refuseUnkept(node, context)));
  return {
    summary: `drain ${[...names].join(', ')}: evict ${on.go.length} pods of ${block.namespaces.join(', ')}`,
    signature: 'restarts',
    affected,
    tolls: ALL_AFFECTED,
    replaces: partsOf(on.go),
    hits: partsOf(on.go),
    namespaces: [...new Set(block.namespaces)],
    cutsOff: zonesLost(all, nodes).filter((zone) => hit.has(zone)),
    objects: [
      ...free.map((node) => cordoned(cluster.name, node)),
      ...on.go.map(
        (pod): TouchedObject => ({
          ...{ cluster: cluster.name, kind: 'Pod', namespace: pod.namespace, name: pod.name },
          ...{ change: 'evicted', state: 'one-shot' },
        }),
      ),
    ],
    warnings: warningsOf(nodes, on, held),
    deadMan:
      'The nodes stay cordoned until somebody runs `faultline recover` (from any machine): what to put back stands in their ' +
      'annotation faultline.dev/undo and in the ConfigMap of the run.',
    data: {
      nodes: nodes.map((node) => ({
        name: node.metadata.name ?? '',
        uid: node.metadata.uid ?? '',
        before: cordonOf(node) ?? null,
      })),
      pods: on.go.map(({ namespace, name: pod, uid }) => ({ namespace, name: pod, uid })),
      waitMs: block.wait,
    },
  };
}

/** Throws where admission would not let the cordon, or the undo of it, stand as it is written. */
async function refuseUnkept(object: KubeObject, { cluster, runId }: FaultContext): Promise<void> {
  const { name = '' } = object.metadata;
  const read = (node: KubeObject) => ({ unschedulable: cordonOf(node) ?? false });
  const ops = setOps('/spec/unschedulable', cordonOf(object), true);
  const made = await admittedValue(cluster, { ref: nodeRef(name), object, ops, read, runId });
  if (made?.unschedulable !== false) return;
  const what = `cluster ${cluster.name}: admission of the cluster does not let node ${name} be cordoned`;
  throw new FaultlineError('FAULT_REFUSED', what, {
    hint: 'podKill takes its pods as well; they may come back to it.',
  });
}

function refuseMarked(node: KubeObject, where: string): void {
  const marked = markedBy(node);
  if (marked === undefined) return;
  const what = `${where}: node ${node.metadata.name} is still changed by run ${marked}`;
  throw new FaultlineError('OPEN_RUN', what, { hint: SCAN_COMMAND });
}

function cordoned(cluster: string, node: KubeObject): TouchedObject {
  const { name = '' } = node.metadata;
  const before = cordonText(cordonOf(node));
  return { cluster, kind: 'Node', namespace: '', name, change: 'cordon', before, during: 'true', state: 'unknown' };
}

/** What `spec.unschedulable` holds, as people read it. */
export function cordonText(value: boolean | undefined): string {
  return value === undefined ? 'absent' : String(value);
}

/** An eviction that a budget forbids is tried again: one with some to spare only makes them go one after another. */
function refuseHeld(where: string, held: readonly Shortage[]): void {
  const stuck = held.filter(({ allowed }) => allowed <= 0);
  if (stuck.length === 0) return;
  const hint = 'kubectl get pdb -A; run more pods of the workload, or let the budget spare one.';
  throw new FaultlineError('FAULT_REFUSED', `${where} would be stuck: ${stuck.map(shortageText).join('; ')}`, { hint });
}

function warningsOf(nodes: readonly KubeObject[], { stay }: OnNodes, held: readonly Shortage[]): string[] {
  const before = nodes.filter((node) => cordonOf(node) === true).map(({ metadata }) => metadata.name);
  return [
    'While it is on, no new pod of any namespace starts on these nodes, but for those of DaemonSets.',
    'Evicted pods start again where the scheduler puts them, or wait for a node that fits. The undo uncordons the nodes; nothing moves pods back.',
    ...(before.length === 0 ? [] : [`Cordoned already, and left so by the undo: ${before.join(', ')}.`]),
    ...held.map((one) => `${shortageText(one)}: they go one after another, as others become ready.`),
    ...(stay.length === 0 ? [] : [`These stay: ${stay.join(', ')}.`]),
  ];
}
