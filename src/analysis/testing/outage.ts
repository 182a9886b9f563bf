import type { Verdict } from '../../model/finding.ts';
import type { FaultHeader, HistoryEvent, LoadCounts } from '../../model/history.ts';
import type { Expectations } from '../../model/scenario.ts';
import type { ObjectiveName } from '../objectives/index.ts';
import { HistoryBuilder } from './history-builder.ts';
import { type Raw, recordFile, seeded } from './record-file.ts';
import { type Caller, type Mesh, simulate } from './traffic.ts';
import { endpointsOf, FAR, faultOn, headerOf, ORDER, pathOf, ZONES } from './world.ts';

export const CLASSES = [
  'right',
  'right after rollout',
  'right in two stages',
  'right, partly hit',
  'right, endpoints removed',
  'slow',
  'slow after rollout',
  'wrong order',
  'far before near',
  'skipped zone',
  'skipped in stage two',
  'too early',
  'too early, partly hit',
  'none',
  'error text in 200',
  'flapping',
  'over budget',
  'collateral',
  'not home',
  'left behind',
  'fault never active',
  'fault not proven',
  'load dropped',
  'records lost',
  'straddling',
] as const;
export type OutageClass = (typeof CLASSES)[number];

/** Which objectives must fail, the first for certain, the others may; nothing else may fail. */
const FAILURES: Partial<Record<OutageClass, readonly ObjectiveName[]>> = {
  slow: ['recoveryTime'],
  'slow after rollout': ['recoveryTime'],
  'wrong order': ['failoverOrder', 'wayHome'],
  'far before near': ['failoverOrder'],
  'skipped zone': ['failoverOrder', 'wayHome'],
  'skipped in stage two': ['failoverOrder', 'wayHome'],
  'too early': ['failoverOrder', 'wayHome'],
  'too early, partly hit': ['failoverOrder'],
  none: ['recoveryTime', 'failoverOrder', 'errorBudget'],
  'error text in 200': ['recoveryTime', 'failoverOrder', 'errorBudget'],
  flapping: ['recoveryTime'],
  'over budget': ['errorBudget'],
  collateral: ['unaffected'],
  'not home': ['failback'],
  'left behind': ['putBack'],
};

const VERDICTS: Partial<Record<OutageClass, Verdict>> = {
  right: 'pass',
  'right after rollout': 'pass',
  'right in two stages': 'pass',
  'right, partly hit': 'pass',
  'right, endpoints removed': 'pass',
  'fault never active': 'inconclusive',
  'fault not proven': 'inconclusive',
  'load dropped': 'inconclusive',
  'records lost': 'inconclusive',
};

/** A generated run and what is true about it. */
export type Outage = {
  readonly name: string;
  readonly kind: OutageClass;
  readonly rate: number;
  readonly history: readonly HistoryEvent[];
  readonly records: string;
  /** Undefined where the truth lies too close to the target to ask for one. */
  readonly verdict: Verdict | undefined;
  readonly failures: readonly ObjectiveName[];
  readonly target: number;
  /** Run time of the first effect and of the recovery of callers in north-a, where both exist. */
  readonly effect: number;
  readonly recovery: number | undefined;
  /** How late the cluster noticed the effect. */
  readonly lag: number;
};

const SECOND = 1e6;
const RATES = [5, 5, 8, 10, 10, 20, 20, 50, 100, 200];

type Times = {
  readonly inject: number;
  readonly ack: number;
  readonly effect: number;
  readonly proven: number;
  readonly recovery: number;
  readonly second: number;
  readonly secondRecovery: number;
  readonly undo: number;
  readonly undone: number;
  readonly home: number;
  readonly end: number;
};

type Random = () => number;
const between = (random: Random, lo: number, hi: number): number => lo + random() * (hi - lo);

/** How long callers fail, in microseconds: the truth that the analysis must find again. */
function outageLength(kind: OutageClass, random: Random, target: number, rate: number): number {
  const step = SECOND / rate;
  if (kind.startsWith('slow')) return target + between(random, 2 * step + 0.1 * SECOND, 6 * SECOND);
  if (kind === 'straddling') return target + between(random, -1.5 * step, 1.5 * step);
  if (kind === 'over budget' || kind === 'far before near') return target - 2 * step - 0.3 * SECOND;
  return between(random, 1.2 * step, Math.max(1.3 * step, target - 2 * step - 0.2 * SECOND));
}

function timesOf(kind: OutageClass, random: Random, target: number, rate: number): Times {
  const baseline = Math.max(5, 450 / (rate * ZONES.length)) * SECOND + 2 * SECOND;
  const inject = baseline + between(random, 0, 0.2) * SECOND;
  const ack = inject + between(random, 0.02, 0.3) * SECOND;
  const effect = ack + (kind.includes('rollout') ? between(random, 6, 25) : between(random, 0.01, 0.3)) * SECOND;
  const lag = between(random, 0.01, 0.8) * SECOND;
  const recovery = effect + outageLength(kind, random, target, rate);
  const proven = effect + lag + between(random, 0.01, 0.5) * SECOND;
  // A share of 75 % against 60 % needs more samples than one of all against 90 %.
  const hold = Math.max(12, (kind.includes('partly') ? 160 : 60) / rate) * SECOND;
  const second = Math.max(proven, recovery) + hold;
  const isStaged = kind.includes('stage');
  const secondRecovery = second + 0.2 * SECOND + outageLength('right', random, target, rate);
  const undo = (isStaged ? secondRecovery : Math.max(proven, recovery)) + hold + 3 * SECOND;
  const undone = undo + between(random, 0.2, 3) * SECOND;
  const home = undone + (kind === 'not home' ? 1000 : between(random, 0.5, 10)) * SECOND;
  const settle = Math.max(4, 30 / rate) * SECOND;
  return {
    inject,
    ack,
    effect,
    proven,
    recovery,
    second,
    secondRecovery,
    undo,
    undone,
    home,
    end: undone + 16 * SECOND + settle,
  };
}

function expectationsOf(kind: OutageClass, target: number, rate: number): Expectations {
  const isEjected = !kind.includes('endpoints removed');
  const perPath = kind === 'over budget' ? 1 : Math.ceil((rate * target) / SECOND) * 3 + 20;
  const zones = kind.includes('stage') ? ['north-a', 'north-b'] : ['north-a'];
  return {
    steadyState: { goodAtLeast: 0.99, sameZoneAtLeast: 0.99 },
    failoverOrder: [ORDER],
    recoveryTime: { withinMs: target / 1000, consecutive: 5, lastingMs: 1000 },
    errorBudget: { perPath, perCaller: perPath },
    unaffected: { except: zones.map((zone) => ({ zone })) },
    ejections: isEjected ? [{ service: 'mockb', atLeast: 1 }] : [],
    failback: { withinMs: 15_000 },
  };
}

type Chooser = (t: number, times: Times, random: Random) => string;

const far = (random: Random): string => FAR[random() < 0.5 ? 0 : 1];

/** Where the callers of a dead zone go, in the classes where that is not always the next zone. */
const PLACES: Partial<Record<OutageClass, Chooser>> = {
  'skipped zone': () => 'north-c',
  'wrong order': (t, times, random) => (t < times.recovery + 4 * SECOND || random() < 0.4 ? far(random) : 'north-b'),
  'far before near': (t, times, random) => (t < times.recovery ? far(random) : 'north-b'),
  'too early': (_, __, random) => (random() < 0.4 ? far(random) : 'north-b'),
  'too early, partly hit': (_, __, random) => (random() < 0.8 ? 'north-b' : 'north-a'),
  'right, partly hit': (_, __, random) => (random() < 0.25 ? 'north-b' : 'north-a'),
  'skipped in stage two': (t, times, random) => (t >= times.second ? far(random) : 'north-b'),
  'right in two stages': (t, times) => (t >= times.second ? 'north-c' : 'north-b'),
};

/** Failing stretches of one caller zone. */
function failuresOf(kind: OutageClass, zone: string, times: Times): (readonly [number, number])[] {
  const isActive = kind !== 'fault never active';
  if (zone === 'north-b' && kind.includes('stage')) return [[times.second + 0.2 * SECOND, times.secondRecovery]];
  if (zone === 'north-c' && kind === 'collateral') return [[times.effect, times.effect + 2 * SECOND]];
  if (zone !== 'north-a' || !isActive) return [];
  if (kind === 'none' || kind === 'error text in 200') return [[times.effect, times.undone]];
  const first = [times.effect, times.recovery] as const;
  if (kind === 'flapping') return [first, [times.undo - 6.5 * SECOND, times.undo - 4 * SECOND]];
  if (kind.includes('stage')) return [first, [times.second + 0.2 * SECOND, times.secondRecovery]];
  return [first];
}

function meshOf(kind: OutageClass, times: Times, random: Random): Mesh {
  const isPartial = kind.includes('partly') || kind === 'far before near';
  const modes = kind === 'error text in 200' ? ['text'] : ['text', '503', 'timeout'];
  const mode = modes[Math.floor(random() * modes.length)] as Caller['mode'];
  const moved = (zone: string): readonly [number, number] | undefined => {
    if (kind === 'fault never active') return undefined;
    if (zone === 'north-a') return [times.effect, times.home];
    return zone === 'north-b' && kind.includes('stage') ? [times.second + 0.2 * SECOND, times.home] : undefined;
  };
  return {
    callers: new Map(
      ZONES.map((zone) => [zone, { failures: failuresOf(kind, zone, times), mode, isPartial, away: moved(zone) }]),
    ),
    place: (t) => PLACES[kind]?.(t, times, random) ?? 'north-b',
  };
}

function faultEvents(
  history: HistoryBuilder,
  kind: OutageClass,
  fault: FaultHeader,
  t: Pick<Times, 'inject' | 'ack' | 'effect' | 'proven' | 'undo' | 'undone'>,
  lag: number,
): void {
  const step = { type: 'fault', fault: fault.name } as const;
  history.at(t.inject, { ...step, step: 'requested' }).at(t.ack, { ...step, step: 'acknowledged' });
  if (kind === 'fault not proven')
    history.at(t.proven, { ...step, step: 'not-proven', detail: 'endpoints never changed' });
  else history.at(t.proven, { ...step, step: 'proven', effective: Math.round(t.effect + lag) });
  history.at(t.undo, { ...step, step: 'undo-requested' }).at(t.undone, { ...step, step: 'undone', objects: [] });
}

function historyOf(
  kind: OutageClass,
  times: Times,
  lag: number,
  target: number,
  rate: number,
  counts: LoadCounts[],
): HistoryEvent[] {
  const history = new HistoryBuilder();
  const first = faultOn('north-a', kind.includes('partly') ? 1 : 2);
  const second = faultOn('north-b');
  const faults = kind.includes('stage') ? [first, second] : [first];
  const durations = { baselineMs: times.inject / 1000, holdMs: 0, recoverMs: 0 };
  const expect = expectationsOf(kind, target, rate);
  const run = headerOf({ rate, timeoutMs: 2000, latencyMs: 1000, faults, expect, durations });
  history.at(0, { type: 'run-start', run });
  const phases = [
    ['baseline', 0, times.inject],
    ['inject', times.inject, times.proven],
    ['hold', times.proven, times.undo],
    ['undo', times.undo, times.undone],
    ['recover', times.undone, times.end],
  ] as const;
  for (const [phase, start, end] of phases)
    history.at(start, { type: 'phase-start', phase }).at(end, { type: 'phase-end', phase });
  for (const cluster of ['tokyo', 'osaka']) {
    history.at(1000, { type: 'endpoints', cluster, endpoints: endpointsOf(cluster) });
    history.at(1000, {
      type: 'mesh-telemetry',
      cluster,
      readable: true,
      detail: 'all answer',
      callers: { known: 2, asked: 2, answered: 2 },
    });
    history.at(times.end - 1, {
      type: 'leftovers',
      cluster,
      objects: kind === 'left behind' && cluster === 'tokyo' ? [{ ref: 'pod/x', command: 'kubectl delete pod x' }] : [],
    });
  }
  faultEvents(history, kind, first, times, lag);
  if (kind.includes('stage')) {
    const shift = times.second - times.inject;
    const late = {
      ...times,
      inject: times.second,
      ack: times.second + 0.1 * SECOND,
      effect: times.second + 0.2 * SECOND,
      proven: times.proven + shift,
    };
    faultEvents(history, kind, second, late, 0.1 * SECOND);
  }
  if (kind.includes('endpoints removed')) {
    const isHome = (endpoint: { service: string; zone: string }): boolean =>
      endpoint.service === 'mockb' && endpoint.zone === 'north-a';
    history.at(times.effect + lag, { type: 'endpoints', cluster: 'tokyo', endpoints: endpointsOf('tokyo', isHome) });
    history.at(times.undone, { type: 'endpoints', cluster: 'tokyo', endpoints: endpointsOf('tokyo') });
  } else if (kind !== 'fault never active') {
    const caller = { cluster: 'tokyo', pod: 'mocka-north-a-0', zone: 'north-a', service: 'mockb', overflow: 0 };
    const hit = kind.includes('partly') ? 1 : 2;
    history.at(1000, { type: 'ejections', ...caller, active: 0, enforcedTotal: 0 });
    history.at(times.effect + lag, { type: 'ejections', ...caller, active: hit, enforcedTotal: hit });
  }
  history.at(times.end - 2, { type: 'load', counts, lateP99: 900, degraded: [] });
  return history.at(times.end, { type: 'run-end', status: 'completed' }).build();
}

/** What happened to the record file afterwards. */
function damage(kind: OutageClass, records: Raw[], random: Random): Raw[] {
  if (kind === 'load dropped') {
    const isDropped = (): boolean => random() < 0.02;
    return records.map((record, i) =>
      i % 40 === 0 || isDropped()
        ? {
            ...record,
            ended: 'dropped',
            start: record.due,
            end: record.due,
            status: 0,
            error: undefined,
            chain: undefined,
          }
        : record,
    );
  }
  if (kind !== 'records lost') return records;
  return random() < 0.5
    ? records.slice(0, Math.floor(records.length * between(random, 0.3, 0.97)))
    : records.filter((_, i) => i % 97 !== 13);
}

/** Simulates one outage. The same seed gives the same bytes. */
export function outage(kind: OutageClass, seed: number): Outage {
  const random = seeded(seed * 7919 + CLASSES.indexOf(kind) * 104_729);
  const rate = RATES[Math.floor(random() * RATES.length)] ?? 10;
  const target = between(random, 3, 8) * SECOND;
  const times = timesOf(kind, random, target, rate);
  const lag = (times.proven - times.effect) * 0.7;
  const mesh = meshOf(kind, times, random);
  const sent = simulate(mesh, rate, times.end, random);
  const records = damage(kind, sent, random);
  const counts = ZONES.map((zone, path): LoadCounts => {
    const due = sent.filter((record) => record.path === path).length;
    return { path: pathOf(zone), due, sent: due, dropped: 0, late: 0 };
  });
  const isFlapping =
    kind === 'flapping' ||
    kind === 'none' ||
    kind === 'error text in 200' ||
    kind === 'fault never active' ||
    kind === 'far before near';
  return {
    name: `${kind} #${seed}`,
    kind,
    rate,
    history: historyOf(kind, times, lag, target, rate, counts),
    records: recordFile(ZONES.map(pathOf), records),
    verdict: kind === 'straddling' ? undefined : (VERDICTS[kind] ?? 'fail'),
    failures: FAILURES[kind] ?? [],
    target,
    effect: times.effect,
    recovery: isFlapping || kind.includes('partly') ? undefined : times.recovery,
    lag,
  };
}
