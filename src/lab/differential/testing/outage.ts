import type { Random } from '../../../model/ports.ts';
import type { Millis } from '../../../model/units.ts';

/** Zones of the vendor page's system; the first is where things happen. */
export const ZONES = ['ap-northeast-1a', 'ap-northeast-1b', 'cn-hangzhou-h', 'cn-hangzhou-k'] as const;
export type Zone = (typeof ZONES)[number];
export const HOME: Zone = 'ap-northeast-1a';

/** What is done to the workload at home. */
type OutageFault =
  /** The image runs and does not listen; put back later. */
  | 'imageSwap'
  /** The same with a readiness probe: the rollout never ends, no call fails. */
  | 'probedImageSwap'
  /** A rollout of what answers 500; put back later. */
  | 'failing'
  /** What has run for a while begins to answer 503: no endpoint changes at that moment. */
  | 'quietFailing'
  /** A rollout of what works, and another one. */
  | 'rollout'
  /** A pod is deleted, and the Deployment makes another one. */
  | 'podKill'
  /** No pod is left at home; later there are as many as before. */
  | 'scaleToZero';

/** One outage of one service, to be played on real proxies and on the model. */
export type Outage = {
  readonly seed: number;
  /** Of the service and of everything that belongs to it. */
  readonly name: string;
  readonly replicas: Readonly<Record<Zone, number>>;
  /** DestinationRule `outlierDetection`. */
  readonly consecutive5xxErrors: number;
  readonly baseEjectionMs: Millis;
  readonly intervalMs: Millis;
  readonly maxEjectionPercent: number;
  readonly minHealthPercent: number;
  /** Whether an EnvoyFilter turns the merge window off. */
  readonly atOnce: boolean;
  readonly fault: OutageFault;
  /** preStop sleep of the pods, in seconds; 0 for none. */
  readonly preStop: number;
  /** Zones whose gateways call. */
  readonly callers: readonly Zone[];
  /** Calls per second of each caller. */
  readonly rate: number;
  /** From the end of the fault's rollout to its undo. */
  readonly holdMs: Millis;
};

/** How often each kind comes up. */
const FAULTS: readonly [OutageFault, ...OutageFault[]] = [
  'imageSwap',
  'imageSwap',
  'imageSwap',
  'failing',
  'quietFailing',
  'quietFailing',
  'probedImageSwap',
  'rollout',
  'podKill',
  'podKill',
  'scaleToZero',
];

/** The outage of a seed. */
export function outageOf(seed: number): Outage {
  const random = seeded(seed);
  const pick = <T>(...items: readonly [T, ...T[]]): T => items[Math.floor(random() * items.length)] ?? items[0];
  const chance = (share: number): boolean => random() < share;
  const long = chance(0.6);
  return {
    seed,
    name: `d${seed}`,
    replicas: {
      'ap-northeast-1a': pick(1, 1, 2, 3),
      'ap-northeast-1b': pick(0, 1, 1, 2),
      'cn-hangzhou-h': 1,
      'cn-hangzhou-k': pick(0, 1),
    },
    consecutive5xxErrors: pick(1, 1, 1, 2, 3),
    baseEjectionMs: long ? 60_000 : pick(2000, 3000),
    intervalMs: long ? 30_000 : 1000,
    maxEjectionPercent: pick(100, 100, 100, 100, 50, 10),
    minHealthPercent: pick(0, 0, 0, 0, 0, 40),
    atOnce: chance(0.25),
    fault: pick(...FAULTS),
    preStop: pick(0, 1, 1),
    callers: chance(0.3) ? [HOME, pick('ap-northeast-1b', 'cn-hangzhou-h')] : [HOME],
    rate: pick(8, 12, 20),
    holdMs: 6000,
  };
}

/** Deterministic randomness (mulberry32). */
export function seeded(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
