import type { Micros } from '../model/units.ts';
import type { Callers } from './callers.ts';
import { CALLS, type Coverage, CoverageLog } from './coverage.ts';
import { type CallsReader, FollowedProxy, type Pace, ROUND_MS } from './followed-proxy.ts';

/** No more proxies than this are being read at once, or read every round: reading must not become the load. */
const MOST_PROXIES = 200;
/** Where there are more, those that call nobody are read once in so many rounds. */
const FEW_PROXIES = 100;
const SELDOM = 10;
/** An answer that is older says nothing about now. */
const STALE_MS = 25_000;
/** How long the last answers are waited for, when all is over. */
const LAST_MS = 1_000;

type Followed = Map<string, FollowedProxy>;

/**
 * Reads from every calling proxy what it has counted of the hosts of the named Services, once a second, from its admin port
 * or, where that is closed, of their workloads from its metrics, and writes what has happened since the last reading into the history: an event for each proxy, Service and port. Where there are many,
 * those that do not call them are read less often. A proxy that does not answer keeps nobody else waiting. At the signal, and when a pod is on its way out, the proxies are read once
 * more. Resolves a second after the signal at the latest.
 */
export async function observeCalls(reader: CallsReader, callers: () => Callers, signal: AbortSignal): Promise<void> {
  const { cluster, history, clock } = reader;
  const followed: Followed = new Map();
  const leaving = new Set<FollowedProxy>();
  const log = new CoverageLog(cluster.name, history, CALLS);
  for (let round = 0; !signal.aborted; round += 1) {
    for (const proxy of choose(reader, callers(), followed)) {
      leaving.add(proxy);
      void proxy.read(round, paceOf(followed)).then(() => {
        leaving.delete(proxy);
        proxy.close();
      });
    }
    for (const proxy of dueIn(round, followed)) void proxy.read(round, paceOf(followed));
    await clock.sleep(ROUND_MS, signal);
    if (!signal.aborted) log.look(coverageOf(callers(), followed, clock.now()));
  }
  const all = [...followed.values(), ...leaving];
  const over = new AbortController();
  const heard = all.filter(({ calls, answer }) => calls && answer?.problem === undefined);
  const lastly = Promise.all(heard.map((proxy) => proxy.read(0, paceOf(followed))));
  await Promise.race([lastly, clock.sleep(LAST_MS, over.signal)]);
  over.abort();
  for (const proxy of all) proxy.close();
  log.close();
}

/** Takes up who is new, and gives back who has left. */
function choose(reader: CallsReader, { known }: Callers, followed: Followed): FollowedProxy[] {
  const alive = new Set(known.map(({ id }) => id));
  const left = [...followed].filter(([id]) => !alive.has(id));
  for (const [id] of left) followed.delete(id);
  for (const caller of known) {
    if (!followed.has(caller.id)) followed.set(caller.id, new FollowedProxy(reader, caller));
  }
  return left.map(([, proxy]) => proxy);
}

/** Who has waited longest comes first. */
function dueIn(round: number, followed: Followed): FollowedProxy[] {
  const all = [...followed.values()];
  const idle = all.filter(({ reading }) => reading === undefined);
  const free = MOST_PROXIES - (all.length - idle.length);
  const due = idle.filter((proxy) => proxy.due <= round);
  return due.sort((a, b) => a.due - b.due).slice(0, Math.max(0, free));
}

/** Those that call are read less often, too, where there are too many of them. */
function paceOf(followed: Followed): Pace {
  const calls = [...followed.values()].filter((proxy) => proxy.calls).length;
  const calling = Math.max(1, Math.ceil(calls / MOST_PROXIES));
  return { calling, idle: followed.size > FEW_PROXIES ? Math.max(SELDOM, calling) : calling };
}

function coverageOf({ known, unknown }: Callers, followed: Followed, now: Micros): Coverage {
  const alive = known.flatMap(({ id }) => followed.get(id) ?? []);
  const isHeard = ({ answer }: FollowedProxy): boolean =>
    answer !== undefined && answer.problem === undefined && (now - answer.at) / 1000 <= STALE_MS;
  const heard = alive.filter(isHeard);
  const byMetrics = heard.filter(({ closed }) => closed !== undefined);
  const [why] = byMetrics.flatMap(({ closed }) => closed ?? []);
  return {
    known: known.length,
    asked: alive.length,
    answered: heard.length,
    ...(why === undefined ? {} : { byWorkload: { count: byMetrics.length, why } }),
    silent: 0,
    problem: alive.find(({ answer }) => answer?.problem !== undefined)?.answer?.problem,
    unknown,
  };
}
