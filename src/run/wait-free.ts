import { FaultlineError } from '../model/errors.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import type { Micros, Millis } from '../model/units.ts';
import { refuseFrozen } from './freeze.ts';
import { heldHint } from './holder.ts';
import { describeLease, isSameRecord, LEASE_LASTS_MS, type LeaseRecord, readLease } from './lease-record.ts';
import { freezeCommand } from './lock-objects.ts';
import { throwIfStopped } from './stop.ts';

const LOOK_MS: Millis = 3_000;

type Ports = {
  readonly clock: Clock;
  /** Until when, by the clock. */
  readonly until: Micros;
  readonly stop: AbortSignal;
  /** Hears whom it waits for. */
  readonly say: (text: string) => void;
};

/** A lease as it was first seen since it has last changed; it lives when it has ever changed. */
type Watched = { readonly record: LeaseRecord; readonly at: Micros; readonly lives: boolean };

/**
 * Waits until no run or recovery that lives holds any of the clusters; nothing is written. One that has been silent for as long
 * as its lease lasts is no reason to wait, nor is one that nobody has seen alive when the time is over: whoever takes the
 * lease finds out. Resolves to whether it has waited at all.
 *
 * Rejects with LEASE_HELD when the time is over, with FROZEN at once, and with RunStopped.
 */
export async function waitUntilFree(clusters: readonly Cluster[], namespace: string, ports: Ports): Promise<boolean> {
  const { clock, until, stop, say } = ports;
  const watched = new Map<Cluster, Watched>();
  let said = '';
  for (let waited = false; ; waited = true) {
    throwIfStopped(stop);
    const held = await firstHeld(clusters, namespace, watched, clock);
    if (held === undefined) return waited;
    const text = `cluster ${held.cluster.name}: ${describeLease(held.record)}`;
    if (clock.now() >= until) {
      if (!held.lives) {
        say(`${text}; the time to wait is over, and was too short to see whether it lives`);
        return waited;
      }
      throw new FaultlineError('LEASE_HELD', `${text}, and lives; the time to wait for its end is over`, {
        hint: heldHint(held.record.holder, 'Wait longer (--wait)', freezeCommand(namespace, held.cluster)),
      });
    }
    if (text !== said) say(`${text}; waiting for its end`);
    said = text;
    await clock.sleep(LOOK_MS, stop);
  }
}

async function firstHeld(
  clusters: readonly Cluster[],
  namespace: string,
  watched: Map<Cluster, Watched>,
  clock: Clock,
): Promise<(Watched & { readonly cluster: Cluster }) | undefined> {
  for (const cluster of clusters) {
    await refuseFrozen(cluster, namespace);
    const asked = clock.now();
    const record = await readLease(cluster, namespace);
    const before = watched.get(cluster);
    const isSame = before !== undefined && isSameRecord(record, before.record);
    const now = isSame ? before : { record, at: clock.now(), lives: before !== undefined };
    watched.set(cluster, now);
    const isSilent = isSame && (asked - now.at) / 1000 >= LEASE_LASTS_MS;
    if (record.holder !== undefined && !isSilent) return { ...now, cluster };
  }
  return undefined;
}
