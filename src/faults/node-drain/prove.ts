import type { EffectProof, FaultContext } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { PlanOf } from '../define.ts';
import { poll, unproven } from '../poll.ts';
import { cordonOf, type DrainData } from './nodes.ts';

/** A pod may take its whole grace period to go; beyond this the fault counts as not proven. */
const LIMIT_MS = 90_000;

/** The nodes take no new pods, and those that were evicted are gone from the API, by UID. */
export async function prove({ data, namespaces }: PlanOf<DrainData>, context: FaultContext): Promise<EffectProof> {
  const uids = new Set(data.pods.map(({ uid }) => uid));
  let left: string[] = [];
  const look = async (): Promise<EffectProof | undefined> => {
    const at = context.now();
    const nodes = await context.cluster.list(KINDS.node, {});
    const open = data.nodes.flatMap((node) => whyOpen(nodes, node));
    if (open.length > 0) return unproven(open.join('; '));
    const lists = namespaces.map((namespace) => context.cluster.list(KINDS.pod, { namespace }));
    const pods = (await Promise.all(lists)).flat().filter(({ metadata }) => uids.has(metadata.uid ?? ''));
    left = pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    if (left.length > 0) return undefined;
    const detail = `${data.nodes.map(({ name }) => name).join(', ')} take no new pods, and ${uids.size} evicted pods are gone, by UID`;
    return { proven: true, observed: true, detail, effective: at };
  };
  return (await poll(context, LIMIT_MS, look)) ?? unproven(`evicted pods are still there: ${left.join(', ')}`);
}

function whyOpen(nodes: readonly KubeObject[], { name, uid }: DrainData['nodes'][number]): string[] {
  const node = nodes.find(({ metadata }) => metadata.name === name);
  if (node === undefined || node.metadata.uid !== uid) return [`node ${name} is gone`];
  return cordonOf(node) === true ? [] : [`node ${name} is not cordoned`];
}
