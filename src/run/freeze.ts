import { FaultlineError } from '../model/errors.ts';
import type { Cluster } from '../model/ports.ts';
import { visibleLine } from '../model/visible.ts';
import { freezeRef, thawCommand } from './lock-objects.ts';

/** A reason is shown in one line, whatever somebody has written. */
const REASON_LENGTH = 200;

/** Why a cluster is frozen, in somebody's words; undefined where it is not. */
export async function readFreeze(cluster: Cluster, namespace: string): Promise<string | undefined> {
  const object = await cluster.get(freezeRef(namespace));
  if (object === undefined) return undefined;
  const { reason } = (object.data ?? {}) as { reason?: unknown };
  return typeof reason === 'string' && reason !== ''
    ? visibleLine(reason.slice(0, REASON_LENGTH))
    : 'no reason is given';
}

/** Rejects with FROZEN where somebody has frozen the cluster. */
export async function refuseFrozen(cluster: Cluster, namespace: string): Promise<void> {
  const reason = await readFreeze(cluster, namespace);
  if (reason === undefined) return;
  throw new FaultlineError('FROZEN', `cluster ${cluster.name} is frozen: ${reason}`, {
    hint: `Whoever froze it lets drills in again with: ${thawCommand(namespace, cluster)}`,
  });
}
