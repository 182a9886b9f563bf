import type { Check } from '../../model/engine.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { Clock, Cluster } from '../../model/ports.ts';

/** Less than this is nothing that certificates, tokens or readers of Events would notice, in milliseconds. */
const TOLERATED_MS = 5_000;
/** Times of objects have whole seconds. */
const STEP_MS = 1_000;

/**
 * How far a cluster's clock is from this machine's, by the time that its API gives an object which is created for show (a dry
 * run: nothing is stored). Undefined where that is not granted or not taken: the permissions tell.
 */
export async function checkClock(cluster: Cluster, clock: Pick<Clock, 'wall'>): Promise<Check | undefined> {
  const what = `cluster ${cluster.name} clock`;
  const began = clock.wall().getTime();
  const metadata = { namespace: 'default', name: 'faultline-clock' };
  const made = await cluster.create({ ...KINDS.configMap, metadata }, { dryRun: true }).catch(() => undefined);
  const ended = clock.wall().getTime();
  const told = Date.parse(made?.metadata.creationTimestamp ?? '');
  if (Number.isNaN(told)) return undefined;
  const [ahead, behind] = [told - ended, began - (told + STEP_MS)];
  if (Math.max(ahead, behind) <= TOLERATED_MS) return { what, ok: true, detail: "agrees with this machine's" };
  const far = `at least ${Math.round(Math.max(ahead, behind) / 1000)} s ${ahead > behind ? 'ahead of' : 'behind'} this machine's`;
  return { what, ok: false, optional: true, detail: far, fix: FIX };
}

const FIX =
  'Set both by NTP (timedatectl status): certificates and tokens are judged by it, and Events have the cluster’s time.';
