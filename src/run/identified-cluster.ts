import { alteredCluster, around } from '../faults/altered-cluster.ts';
import { FaultlineError } from '../model/errors.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import type { Micros, Millis } from '../model/units.ts';
import { type PlannedRun, withClusters } from './planned-run.ts';

/** How long before a request somebody may have been asked who it is that answers there. */
const KNOWN_MS: Millis = 250;

/**
 * The same cluster, for as long as it is the one with this UID that answers at its address, which a name server, a load balancer or a
 * tunnel may lead to another one at any time: what is there, or is not there, says nothing of this one, and nothing is written there. Reads and
 * writes reject with TARGET_MISMATCH then. A read is asked together with who answers, a write after that.
 */
export function identifiedCluster(cluster: Cluster, uid: string, clock: Clock): Cluster {
  const identify = asksAtMost(KNOWN_MS, clock, async () => {
    const { uid: found, server } = await cluster.identity();
    if (found !== uid) throw mismatch(cluster, { uid, found, server });
  });
  const read =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const answer = act(...args);
      answer.catch(() => {});
      const unknown: unknown = await identify().then(
        () => undefined,
        (error) => error,
      );
      // Whatever that one has answered, or has not.
      if (isMismatch(unknown)) throw unknown;
      const own = await answer;
      if (unknown !== undefined) throw unknown;
      return own;
    };
  const write =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await identify();
      return act(...args);
    };
  const { identity: _, ...reads } = around(cluster, 'read', read);
  return alteredCluster(cluster, { ...reads, ...around(cluster, 'write', write) });
}

/** A run each of whose clusters is the one that it was planned for. */
export function identifiedRun(run: PlannedRun, clock: Clock): PlannedRun {
  const uids = new Map(run.topology.clusters.map(({ name, uid }) => [name, uid]));
  return withClusters(run, (cluster) => {
    const uid = uids.get(cluster.name);
    return uid === undefined ? cluster : identifiedCluster(cluster, uid, clock);
  });
}

/** The same question, which is not asked again while the last answer is no older than that; what failed is asked anew. */
function asksAtMost(ageMs: Millis, clock: Clock, ask: () => Promise<void>): () => Promise<void> {
  let last: { readonly begun: Micros; readonly answer: Promise<void> } | undefined;
  return () => {
    const now = clock.now();
    if (last !== undefined && now - last.begun <= ageMs * 1000) return last.answer;
    const asked = { begun: now, answer: ask() };
    last = asked;
    asked.answer.catch(() => {
      if (last === asked) last = undefined;
    });
    return asked.answer;
  };
}

function isMismatch(error: unknown): boolean {
  return error instanceof FaultlineError && error.code === 'TARGET_MISMATCH';
}

function mismatch(
  { name }: Cluster,
  { uid, found, server }: Record<'uid' | 'found' | 'server', string>,
): FaultlineError {
  const what = `cluster ${name}: another cluster answers at ${server} by now (kube-system UID ${found}, and not ${uid}): nothing there says anything of this one`;
  return new FaultlineError('TARGET_MISMATCH', what, {
    hint: 'Find out where its address leads (DNS, load balancer, tunnel, context), and recover when it leads back.',
  });
}
