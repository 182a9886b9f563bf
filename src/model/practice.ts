import type { Topology } from './target.ts';

/** What ends the version of each kind of cluster of faultline's own. */
export const CLUSTER_MARKS = { sandbox: '+faultline-sandbox', lab: '+faultline-lab' } as const;

type PracticeKind = keyof typeof CLUSTER_MARKS;

const PRACTICE_KINDS = Object.keys(CLUSTER_MARKS) as readonly PracticeKind[];

/** What a run may have met: one of these, or clusters of somebody's own. */
export type MetKind = PracticeKind | 'clusters';

export const MET_KINDS: readonly MetKind[] = [...PRACTICE_KINDS, 'clusters'];

/** Where a Service of the sandbox is reached: the port of a load balancer is the Service's, but loopback ports are shared. */
export const REACHED_AT = 'sandbox.faultline.dev/reached-at';

/**
 * Whether a target is the sandbox or the lab, which faultline starts itself and which hurt nobody. Its clusters say so at the
 * end of their version, and are on this machine: what somebody else's API server says of itself, from elsewhere, opens no door.
 */
export function practiceKind({ clusters }: Pick<Topology, 'clusters'>): PracticeKind | undefined {
  if (clusters.length === 0 || !clusters.every(({ server }) => isOnThisMachine(server))) return undefined;
  return PRACTICE_KINDS.find((kind) => clusters.every(({ version }) => version.endsWith(CLUSTER_MARKS[kind])));
}

/** Whether a run met a model, the lab or other real clusters: the name of a target proves nothing. */
export function metKind(topology: Pick<Topology, 'clusters'>): MetKind {
  return practiceKind(topology) ?? 'clusters';
}

function isOnThisMachine(server: string): boolean {
  if (!URL.canParse(server)) return false;
  const { hostname } = new URL(server);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
