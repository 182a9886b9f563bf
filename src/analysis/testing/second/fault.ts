import type { Micros } from '../../../model/units.ts';
import type { Rng } from './rng.ts';
import { GATEWAY, type Pod, spawn, type World } from './world.ts';

export const SECOND: Micros = 1_000_000;
export const MILLI: Micros = 1000;

/** How a dead pod fails its callers. */
export type Failure = 'refused' | 'silent';

export type FaultOptions = {
  readonly kind?: 'imageSwap' | 'podKill' | 'zoneBlackhole';
  /** Index of the zone over all regions. */
  readonly zone?: number;
  /** Index of the service; a blackhole takes all of them. */
  readonly service?: number;
  /** How many of the pods there it hits; absent: all. */
  readonly count?: number;
  /** From the start of the inject phase. */
  readonly afterMs?: number;
  /** From the acknowledgement to the effect. */
  readonly rolloutMs?: number;
  /** A blackhole that takes the zone's gateway, too. */
  readonly gateway?: boolean;
  /** The proof comes this long after the effect. */
  readonly proofMs?: number;
};

/** A fault as it really happened. */
export type Fault = {
  readonly name: string;
  readonly kind: 'imageSwap' | 'podKill' | 'zoneBlackhole';
  readonly zone: string;
  readonly cluster: string;
  readonly service: string;
  readonly affected: readonly Pod[];
  /** Pods that stand in the endpoints and serve nothing, from the effect to `back`. */
  readonly dead: readonly Pod[];
  /** Pods that serve from `back` on. */
  readonly fresh: readonly Pod[];
  readonly failure: Failure;
  readonly options: FaultOptions;
  readonly requested: Micros;
  readonly acked: Micros;
  readonly effect: Micros;
  readonly proven: Micros;
  undoRequested: Micros;
  back: Micros;
  undone: Micros;
};

/** Decides what a fault hits and when; its undo is filled in by the drill. */
export function makeFault(rng: Rng, world: World, options: FaultOptions, inject: Micros, index: number): Fault {
  const kind = options.kind ?? 'imageSwap';
  const zones = world.clusters.flatMap((cluster) => cluster.zones);
  const zone = zones[options.zone ?? 0] ?? '';
  const service = world.services[options.service ?? Math.min(1, world.services.length - 1)] ?? '';
  const here = [...world.pods, ...world.gateways].filter((pod) => pod.zone === zone);
  const affected =
    kind === 'zoneBlackhole'
      ? here.filter((pod) => options.gateway === true || pod.service !== GATEWAY)
      : here.filter((pod) => pod.service === service).slice(0, options.count ?? 99);
  const requested = Math.round(inject + (options.afterMs ?? 0) * MILLI + rng.between(5_000, 30_000));
  const acked = Math.round(requested + rng.between(5_000, 40_000));
  const rollout = options.rolloutMs ?? (kind === 'imageSwap' ? rng.between(150, 2500) : rng.between(1, 20));
  const effect = Math.round(acked + rollout * MILLI);
  const next = (pod: Pod, i: number, round: number) => spawn(rng, pod, 100 + index * 50 + round * 20 + i);
  const swapped = kind === 'imageSwap' ? affected.map((pod, i) => next(pod, i, 0)) : [];
  return {
    name: `${kind}-${zone}-${index + 1}`,
    kind,
    zone,
    cluster: affected[0]?.cluster ?? '',
    service,
    affected,
    dead: swapped,
    fresh: kind === 'zoneBlackhole' ? [] : affected.map((pod, i) => next(pod, i, 1)),
    failure: kind === 'zoneBlackhole' ? 'silent' : 'refused',
    options,
    requested,
    acked,
    effect,
    proven: Math.round(effect + (options.proofMs ?? rng.between(3, 60)) * MILLI),
    undoRequested: 0,
    back: 0,
    undone: 0,
  };
}
