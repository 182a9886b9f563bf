import type { Finding } from '../../model/finding.ts';
import type { FaultHeader, HistoryEvent, RunStatus, StopSignal } from '../../model/history.ts';
import type { RunResult } from '../../model/result.ts';
import type { Expectations } from '../../model/scenario.ts';
import { analyze } from '../index.ts';
import { HistoryBuilder } from './history-builder.ts';
import { chunks, type Raw, recordFile, seeded } from './record-file.ts';
import { type Caller, simulate } from './traffic.ts';
import { endpointsOf, faultOn, headerOf, pathOf, ZONES } from './world.ts';

const SECOND = 1e6;

/** One run, told in seconds. Everything has a default; the defaults are an outage of 300 ms that ends well. */
export type Handmade = {
  readonly rate?: number;
  /** Of the generated requests. */
  readonly seed?: number;
  /** Of what took part; none by default. */
  readonly versions?: Readonly<Record<string, string>>;
  readonly fault?: FaultHeader;
  /** Further planned faults, whose steps `events` tells. */
  readonly headers?: readonly FaultHeader[];
  /** End of the baseline phase (the request by default), requested, acknowledged, proven, undo requested, undone, end of the run. */
  readonly times?: Partial<Record<'baseline' | 'request' | 'ack' | 'proven' | 'undo' | 'undone' | 'end', number>>;
  /** The cluster's word on when the effect began; null for a fault that is never proven. */
  readonly effective?: number | null;
  readonly callers?: Readonly<Record<string, Partial<Caller>>>;
  readonly place?: (t: number) => string;
  readonly endpoints?: boolean;
  readonly status?: RunStatus;
  readonly reason?: string;
  readonly signal?: StopSignal;
  readonly expect?: Partial<Expectations>;
  readonly events?: (history: HistoryBuilder) => void;
  /** The last word on the history, as `records` has on the requests. */
  readonly history?: (events: HistoryEvent[]) => HistoryEvent[];
  readonly records?: (records: Raw[]) => Raw[];
  /** The words of errors that records point at. */
  readonly texts?: readonly string[];
};

const TIMES = { request: 10, ack: 10.1, proven: 10.6, undo: 30, undone: 31, end: 45 };
const NO_EXPECTATIONS: Expectations = { steadyState: { goodAtLeast: 0.9 }, failoverOrder: [], ejections: [] };

function callersOf(run: Handmade): ReadonlyMap<string, Caller> {
  const home: Caller = { failures: [], mode: 'text', isPartial: false, away: undefined };
  const hit: Partial<Caller> = { failures: [[10.2, 10.5]], away: [10.2, 32] };
  const given = run.callers ?? { 'north-a': hit };
  const scale = (pair: readonly [number, number]): readonly [number, number] => [pair[0] * SECOND, pair[1] * SECOND];
  return new Map(
    ZONES.map((zone) => {
      const caller = { ...home, ...given[zone] };
      return [zone, { ...caller, failures: caller.failures.map(scale), away: caller.away && scale(caller.away) }];
    }),
  );
}

/** The same run with a recover phase from the end of the undo to just before its end. */
export function recovering(run: Handmade = {}): Handmade {
  const { undone, end } = { ...TIMES, ...run.times };
  return {
    ...run,
    events: (history) => {
      history.at(undone * SECOND, { type: 'phase-start', phase: 'recover' });
      history.at((end - 0.1) * SECOND, { type: 'phase-end', phase: 'recover' });
      run.events?.(history);
    },
  };
}

function proofOf({
  effective = 10.3,
}: Handmade): { step: 'proven'; effective: number } | { step: 'not-proven'; detail: string } {
  if (effective === null) return { step: 'not-proven', detail: 'nothing changed' };
  return { step: 'proven', effective: Math.round(effective * SECOND) };
}

/** The history of a handmade run. */
export function historyOf(run: Handmade): HistoryEvent[] {
  const { request, ack, proven, undo, undone, end } = { ...TIMES, ...run.times };
  const fault = run.fault ?? faultOn('north-a');
  const durations = { baselineMs: 10_000, holdMs: 20_000, recoverMs: 15_000 };
  const header = headerOf({
    rate: run.rate ?? 20,
    timeoutMs: 2000,
    latencyMs: 1000,
    faults: [fault, ...(run.headers ?? [])],
    expect: { ...NO_EXPECTATIONS, ...run.expect },
    durations,
    versions: run.versions,
  });
  const history = new HistoryBuilder();
  const at = (t: number, event: Parameters<HistoryBuilder['at']>[1]): void => void history.at(t * SECOND, event);
  at(0, { type: 'run-start', run: header });
  at(0, { type: 'phase-start', phase: 'baseline' });
  at(run.times?.baseline ?? request, { type: 'phase-end', phase: 'baseline' });
  for (const cluster of ['tokyo', 'osaka']) {
    if (run.endpoints !== false) at(0.1, { type: 'endpoints', cluster, endpoints: endpointsOf(cluster) });
    at(end - 0.1, { type: 'leftovers', cluster, objects: [] });
  }
  const step = { type: 'fault', fault: fault.name } as const;
  if (run.status !== 'refused') {
    at(request, { ...step, step: 'requested' });
    at(ack, { ...step, step: 'acknowledged' });
    at(proven, { ...step, ...proofOf(run) });
    at(undo, { ...step, step: 'undo-requested' });
    at(undone, { ...step, step: 'undone', objects: [] });
  }
  at(end - 0.2, { type: 'load', counts: [], lateP99: 900, degraded: [] });
  at(end, {
    type: 'run-end',
    status: run.status ?? 'completed',
    ...(run.reason !== undefined && { reason: run.reason }),
    ...(run.signal !== undefined && { signal: run.signal }),
  });
  run.events?.(history);
  return history.build();
}

/** The record file of a handmade run, and what is in it. */
export function recordsOf(run: Handmade): { readonly records: readonly Raw[]; readonly file: string } {
  const end = (run.times?.end ?? TIMES.end) * SECOND;
  const mesh = { callers: callersOf(run), place: run.place ?? (() => 'north-b') };
  const sent = simulate(mesh, run.rate ?? 20, end, seeded(run.seed ?? 1));
  const records = run.records?.(sent) ?? sent;
  return { records, file: recordFile(ZONES.map(pathOf), records, run.texts) };
}

/** Judges a handmade run. */
export async function judged(run: Handmade): Promise<RunResult> {
  const events = historyOf(run);
  return analyze(run.history?.(events) ?? events, chunks(recordsOf(run).file));
}

/** The finding with this id; throws when there is none. */
export function findingOf(result: RunResult, id: string): Finding {
  const finding = result.findings.find((candidate) => candidate.id === id);
  if (finding === undefined) throw new Error(`no finding ${id} in ${result.findings.map((f) => f.id).join(', ')}`);
  return finding;
}
