import { isGood } from '../../../model/good.ts';
import type { RequestRecord } from '../../../model/record.ts';
import type { Expectations, FailoverOrder } from '../../../model/scenario.ts';
import type { Micros, Ratio } from '../../../model/units.ts';
import type { Drill } from './drill.ts';
import { type Fault, SECOND } from './fault.ts';
import type { Req } from './traffic.ts';

type Ran = Omit<Drill, 'expect'>;

/** Whether a request was good by the scenario's rule. */
export function good(drill: Ran, request: Req): boolean {
  // No answer here says what it should not: words are those of errors.
  const record = { ...request, text: -1 } as unknown as RequestRecord;
  return isGood(record, request.chain, drill.load.good);
}

/** Bad requests sent from `from` up to `to`, on `path` where one is given. */
export function badIn(drill: Ran, from: Micros, to: Micros, path?: number): Req[] {
  return drill.requests.filter(
    (r) => r.due >= from && r.due < to && (path === undefined || r.path === path) && !good(drill, r),
  );
}

/** Requests without a miss that Clopper and Pearson want for a lower 97.5 % limit at `target`. */
function needed(target: Ratio): number {
  return Math.ceil(Math.log(0.025) / Math.log(target));
}

/** The largest usual share that `samples` requests without a miss can prove, with some to spare. */
export function provable(samples: number): Ratio {
  const shares = [0.99, 0.98, 0.97, 0.95, 0.9, 0.85, 0.8];
  return shares.find((share) => needed(share) * 1.15 <= samples) ?? 0.5;
}

/** How many requests of one path lie in the last five seconds, or half, of the recover phase. */
function lastWindow(drill: Ran): number {
  return Math.min(5, drill.phases.recoverMs / 2000) * drill.load.ratePerSecond;
}

/** The caller of the call that failed, by zone and address. */
function callerOf(drill: Ran, request: Req): string {
  const last = request.chain?.hops.at(-1);
  return last === undefined ? (drill.world.paths[request.path]?.id ?? '') : last.ip;
}

/** The most bad requests of one caller while the faults were on, those under way at the injection included. */
export function worstCaller(drill: Ran): number {
  const counts = new Map<string, number>();
  const [from, to] = [drill.times.inject, drill.times.recover + drill.load.timeoutMs * 1000];
  for (const request of drill.requests) {
    if (request.end < from || request.due >= to || good(drill, request)) continue;
    const caller = callerOf(drill, request);
    counts.set(caller, (counts.get(caller) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** All clauses that suit a drill that went well, each with a target that its samples can prove. */
export function fitting(drill: Ran): Expectations {
  const { rate, paths } = { rate: drill.load.ratePerSecond, paths: drill.world.paths.length };
  const all = Math.min((drill.phases.baselineMs / 1000) * rate, lastWindow(drill)) * paths;
  const steady = provable(all);
  const hit = [...new Set(drill.faults.map((fault) => fault.zone))];
  const swaps = drill.faults.filter((fault) => fault.kind === 'imageSwap');
  const slowest = Math.max(0, ...drill.faults.map((fault) => lastBadAfter(drill, fault)));
  const ejected = [...new Set(swaps.map((fault) => fault.service))];
  return {
    steadyState: { goodAtLeast: steady, ...(drill.options.bare === true ? {} : { sameZoneAtLeast: steady }) },
    failoverOrder: drill.options.bare === true ? [] : swaps.flatMap((fault) => orderOf(drill, fault)),
    recoveryTime: { withinMs: Math.max(5, Math.ceil(slowest / SECOND) + 3) * 1000, consecutive: 5, lastingMs: 1000 },
    errorBudget:
      drill.options.bare === true ? { perPath: 3 + worstCaller(drill) * 4 } : { perCaller: worstCaller(drill) + 2 },
    unaffected: { except: hit.map((zone) => ({ zone })) },
    ejections: ejected.map((service) => ({ service, atLeast: 1 })),
    ...(swaps.length === 0 || drill.options.bare === true ? {} : { failback: { withinMs: 10_000 } }),
  };
}

function lastBadAfter(drill: Ran, fault: Fault): Micros {
  const next = drill.faults.map((other) => other.requested).filter((t) => t > fault.effect);
  const until = Math.min(drill.times.undo, ...next);
  const last = badIn(drill, fault.effect, until).at(-1);
  return last === undefined ? 0 : last.end - fault.effect;
}

/** Where callers of a swapped workload must go, as far as the world names one place after the other. */
export function orderOf(drill: Ran, fault: Fault): FailoverOrder[] {
  const { clusters } = drill.world;
  const own = clusters.find((cluster) => cluster.zones.includes(fault.zone));
  if (own === undefined) return [];
  const others = own.zones.filter((zone) => zone !== fault.zone);
  const far = clusters.filter((cluster) => cluster !== own);
  const paths = drill.world.paths.filter((path) => path.zone === fault.zone).length;
  const share = provable(paths * drill.load.ratePerSecond * (drill.phases.holdMs / 1000 - 4));
  const near = others.length === 1 ? [{ zone: others[0] ?? '' }] : others.length > 1 ? [{ region: own.region }] : [];
  const places = [...near, ...(far.length === 1 ? [{ region: far[0]?.region ?? '' }] : [])];
  if (places.length === 0 || paths === 0) return [];
  return [
    {
      service: fault.service,
      from: { zone: fault.zone },
      order: places.map((place) => ({ place, shareAtLeast: share })),
    },
  ];
}
