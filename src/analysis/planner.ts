import type { Scenario } from '../model/scenario.ts';
import type { ChainKind } from './chains.ts';
import { FailbackTracker } from './failback-tracker.ts';
import type { Caller } from './failure-groups.ts';
import type { LadderCounts } from './ladder-counts.ts';
import type { PathState, Plan } from './path-state.ts';

/** A hop with the zone of the proxy that called it: the gateway for the first, else the hop before. */
type Call = { readonly service: string; readonly zone: string; readonly fromZone: string };

function callsOf(kind: ChainKind, gatewayZone: string): Call[] {
  return kind.chain.hops.map(({ service, zone }, i) => ({
    service,
    zone,
    fromZone: i === 0 ? gatewayZone : (kind.chain.hops[i - 1]?.zone ?? ''),
  }));
}

/** The last hop that was parsed made the call that failed; the gateway did when none was, or none failed. */
export function blame(kind: ChainKind | undefined, path: PathState): Caller {
  const last = kind?.chain.hops.at(-1);
  if (last === undefined) return { id: `gateway ${path.cluster}/${path.zone}`, zone: path.zone };
  return { id: `${last.service} ${last.zone}${last.ip === '' ? '' : ` ${last.ip}`}`, zone: last.zone };
}

/** Works out, once for each chain kind and path, what a record of it adds to. */
export class Planner {
  readonly #scenario: Scenario;
  readonly #segments: number;
  /** By stage, one for each declared order. */
  readonly #ladders: readonly (readonly LadderCounts[])[];
  readonly #placeId: (service: string, zone: string) => number;

  constructor(
    scenario: Scenario,
    segments: number,
    ladders: readonly (readonly LadderCounts[])[],
    placeId: (service: string, zone: string) => number,
  ) {
    this.#scenario = scenario;
    this.#segments = segments;
    this.#ladders = ladders;
    this.#placeId = placeId;
  }

  plan(path: PathState, kind: ChainKind): Plan {
    const calls = callsOf(kind, path.zone);
    const caller = blame(kind.complete ? undefined : kind, path);
    const next = this.#scenario.load.good.chain[calls.length];
    return {
      kind,
      caller,
      places: calls.map((call) => this.#placeId(call.service, call.zone)),
      hops: calls.length,
      ownZone: calls.filter((call) => call.zone === call.fromZone).length,
      served: new Float64Array(this.#segments),
      unserved: new Float64Array(this.#segments),
      first: [],
      ladder: this.#ladders.map((ladders) => ladders.flatMap((counts) => hits(counts, calls))),
      failed: this.#ladders.map((ladders) =>
        ladders.filter(({ order }) => order.service === next && order.from.zone === caller.zone),
      ),
      failback: kind.complete ? calls.map((call) => this.#failback(path, call)) : [],
    };
  }

  #failback(path: PathState, call: Call): Plan['failback'][number] {
    const key = `${call.service}\u0000${call.fromZone}`;
    const tracker = path.failback.get(key) ?? new FailbackTracker(path.index, call.service, call.fromZone);
    path.failback.set(key, tracker);
    return { tracker, atHome: call.zone === call.fromZone };
  }
}

function hits(counts: LadderCounts, calls: readonly Call[]): Plan['ladder'][number] {
  const { service, from } = counts.order;
  return calls
    .filter((call) => call.service === service && call.fromZone === from.zone)
    .map((call) => ({ counts, zone: counts.zone(call.zone) }));
}
