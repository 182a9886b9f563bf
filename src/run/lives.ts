import type { Clock, Cluster } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { holderId } from './holder.ts';
import { isSameRecord, LEASE_LASTS_MS, readLease } from './lease-record.ts';

/** How often the lease is looked at. */
const LOOK_MS: Millis = 2_000;

/**
 * Whether a run holds a cluster and lives: its lease is renewed, or given back, while it is looked at. One that is silent for as long as
 * it lasts is of a run that has died, as is taken for dead whom `over` left no time to show itself. Nothing is written.
 */
export async function livesIn(
  cluster: Cluster,
  lockNamespace: string,
  runId: string,
  { clock, over }: { readonly clock: Clock; readonly over: AbortSignal },
): Promise<boolean> {
  const first = await readLease(cluster, lockNamespace);
  if (first.holder === undefined || holderId(first.holder) !== runId) return false;
  const since = clock.now();
  while (!over.aborted && (clock.now() - since) / 1000 < LEASE_LASTS_MS) {
    await clock.sleep(LOOK_MS, over);
    if (!isSameRecord(first, await readLease(cluster, lockNamespace))) return true;
  }
  return false;
}
