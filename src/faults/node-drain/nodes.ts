import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject, type ObjectRef, ZONE_LABEL } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { hasFields } from '../has-fields.ts';
import type { DrainBlock } from './block.ts';

/** A node of a drain. */
export type DrainedNode = {
  readonly name: string;
  readonly uid: string;
  /** What `spec.unschedulable` held; null where it was not there. */
  readonly before: boolean | null;
};

/** A pod that is evicted. */
export type Evicted = { readonly namespace: string; readonly name: string; readonly uid: string };

/** A drain's own part of its plan. */
export type DrainData = {
  readonly nodes: readonly DrainedNode[];
  readonly pods: readonly Evicted[];
  readonly waitMs: number;
};

/** Whether the data of a plan is that of a drain. */
export function isDrainData(data: Json): boolean {
  if (!hasFields(data, { nodes: 'list', pods: 'list', waitMs: 'number' })) return false;
  const { nodes } = data as unknown as { nodes: readonly Json[] };
  return nodes.every((node) => hasFields(node, { name: 'string', uid: 'string' }));
}

/** Where the API has a node. */
export function nodeRef(name: string): ObjectRef {
  return { ...KINDS.node, name };
}

/** What `spec.unschedulable` of a node holds; undefined where it is not there. */
export function cordonOf({ spec }: KubeObject): boolean | undefined {
  return ((spec ?? {}) as { unschedulable?: boolean }).unschedulable;
}

export const zoneOf = ({ metadata }: KubeObject): string => metadata.labels?.[ZONE_LABEL] ?? '';
const nameOf = ({ metadata }: KubeObject): string => metadata.name ?? '';

/** The nodes that a block means. Throws FAULT_NO_TARGET where there are none, or fewer than it says. */
export function chosenNodes(
  all: readonly KubeObject[],
  { node, zone, count }: Pick<DrainBlock, 'node' | 'zone' | 'count'>,
  where: string,
): readonly KubeObject[] {
  if (node !== undefined && count !== undefined) {
    const what = `${where} has node and count: a node is one`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint: 'Leave `count` out, or name a `zone`.' });
  }
  const matching = all
    .filter((one) => (node === undefined ? zoneOf(one) === zone : nameOf(one) === node))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const wanted = count ?? Math.max(1, matching.length);
  if (matching.length >= wanted) return matching.slice(0, wanted);
  const which = node === undefined ? `${wanted} nodes in zone ${zone}, which has ${matching.length}` : `node ${node}`;
  const hint = `It has: ${all.map((one) => `${nameOf(one)} (${zoneOf(one) || 'no zone'})`).join(', ')}`;
  throw new FaultlineError('FAULT_NO_TARGET', `${where} matches nothing: no ${which}`, { hint });
}

/** Zones that have no node left on which a new pod could go, when these are drained. */
export function zonesLost(all: readonly KubeObject[], drained: readonly KubeObject[]): string[] {
  const isLeft = (node: KubeObject): boolean => !drained.includes(node) && cordonOf(node) !== true;
  const zones = [...new Set(drained.map(zoneOf))].filter((zone) => zone !== '');
  return zones.filter((zone) => !all.some((node) => zoneOf(node) === zone && isLeft(node)));
}
