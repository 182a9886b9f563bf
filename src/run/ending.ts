import { alteredCluster, around } from '../faults/altered-cluster.ts';
import type { ClusterMembers, ClusterRole } from '../model/cluster-roles.ts';
import { FaultlineError } from '../model/errors.ts';
import type { Clock, Cluster } from '../model/ports.ts';

/** What whoever goes on after the end of its work hears. */
type Refuse = () => Error;

/** Says that nothing more is asked, for the reason that a signal was aborted with. */
function ended(signal: AbortSignal): Refuse {
  return () => new FaultlineError('FAULT_REFUSED', `nothing more is asked: ${signal.reason}`);
}

/**
 * The same cluster until `end`. From then on no request is made, what is watched is watched no more, and a read that is on its way
 * is not waited for. A write that is on its way is: whoever has sent it must hear whether it was done.
 */
export function endingCluster(cluster: Cluster, end: AbortSignal, refuse: Refuse = ended(end)): Cluster {
  const write =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (end.aborted) throw refuse();
      return act(...args);
    };
  const read = <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    write((...args: A) => unlessEnded(act(...args), end, refuse));
  const every: ClusterMembers<Exclude<ClusterRole, 'fact'>> = {
    ...around(cluster, 'read', read),
    ...around(cluster, 'write', write),
    observe: async (kind, filter, onChange, signal, onTrouble) => {
      if (!end.aborted) await cluster.observe(kind, filter, onChange, AbortSignal.any([signal, end]), onTrouble);
    },
    proxyAdmin: (where, signal) => {
      const admin = cluster.proxyAdmin(where, AbortSignal.any([signal, end]));
      return { get: read((path) => admin.get(path)) };
    },
    mayWrite: read(async () => cluster.mayWrite?.()),
  };
  return alteredCluster(cluster, every);
}

/** The same clock until `end`: who sleeps then, or wants to later, hears of it, so that no loop goes on. */
export function endingClock(clock: Clock, end: AbortSignal): Clock {
  const refuse = ended(end);
  return {
    now: () => clock.now(),
    wall: () => clock.wall(),
    sleep: async (ms, signal) => {
      if (!end.aborted) await clock.sleep(ms, signal === undefined ? end : AbortSignal.any([signal, end]));
      if (end.aborted) throw refuse();
    },
  };
}

/** What work comes to, or the refusal as soon as its time is over; it is not waited for then. */
export async function unlessEnded<T>(work: Promise<T>, end: AbortSignal, refuse: Refuse = ended(end)): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onEnd = () => reject(refuse());
  if (end.aborted) onEnd();
  end.addEventListener('abort', onEnd, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    end.removeEventListener('abort', onEnd);
  }
}
