import { PHASES } from '../../model/history.ts';
import type { Micros } from '../../model/units.ts';
import type { Facts } from './history.ts';
import type { Stage } from './stages.ts';

/**
 * A stretch of time in which nothing that is counted separately changes. Every request lies in one of the three parts of
 * a run: the baseline up to the first injection request, a stage of faults, or the way home from the first undo request on.
 */
export type Segment = {
  readonly index: number;
  readonly start: Micros;
  readonly end: Micros;
  /** Index of the phase; -1 outside. */
  readonly phase: number;
  readonly part: 'ahead' | 'baseline' | 'stage' | 'home';
  /** Index of the stage; -1 outside. */
  readonly stage: number;
};

/** What an event of the history speaks of, both ends included. */
export type Span = { readonly from: Micros; readonly to: Micros };

export type Window = { readonly start: Micros; readonly end: Micros };

/** The windows that objectives are judged over. */
export type Windows = {
  /** Up to the first injection request. */
  readonly baseline: Window;
  /** From the first injection request to the first undo request; absent when nothing was injected. */
  readonly faulted?: Window;
  /** From the first undo request on; absent when nothing was undone. */
  readonly home?: Window;
  /** From the first injection request to the end of the undo and one timeout more: what an error budget counts. */
  readonly budget: Window;
  /** The end of the recover phase of a run that completed after a fault: requests must be good again there. */
  readonly after?: Window;
  /** For each injected fault: all the time before it, baseline and earlier stages. */
  readonly ahead: ReadonlyMap<string, Window>;
  /** For each fault: when its pods must not serve any more. */
  readonly witness: ReadonlyMap<string, Window>;
};

/** How much of the end of the recover phase is looked at; never more than half of it. */
const AFTER: Micros = 5_000_000;

/** Requests due this long after the proof may still have met a pod on its way out. */
export const WITNESS_DELAY: Micros = 2_000_000;

/** Absent while the run goes on, because the runner asks for a judgement of the baseline then. */
function afterWindow(facts: Facts): { after?: Window } {
  const phase = facts.phases.findLast((span) => span.phase === 'recover');
  if (phase === undefined || !facts.ended || facts.status !== 'completed') return {};
  const lasts = Math.floor(Math.min(AFTER, (phase.end - phase.start) / 2));
  return { after: { start: phase.end - lasts, end: phase.end } };
}

export function windowsOf(facts: Facts): Windows {
  const { load } = facts.header.scenario;
  const start = facts.phases.find((span) => span.phase === 'baseline')?.start ?? 0;
  const { firstInject, firstUndo, undone = facts.end } = facts;
  const baseline = { start, end: Math.max(start, firstInject ?? facts.end) };
  const ahead = new Map<string, Window>();
  for (const { name, requested } of facts.faults) {
    if (requested !== undefined) ahead.set(name, { start, end: Math.max(start, requested) });
  }
  const witness = new Map<string, Window>();
  for (const fault of facts.faults) {
    if (fault.proven === undefined || fault.effective === undefined) continue;
    const from = Math.max(fault.proven, fault.effective) + WITNESS_DELAY;
    witness.set(fault.name, { start: from, end: Math.max(from, fault.undoRequested ?? firstUndo ?? facts.end) });
  }
  if (firstInject === undefined) return { baseline, budget: { start: 0, end: facts.end }, ahead, witness };
  return {
    baseline,
    faulted: { start: firstInject, end: firstUndo ?? facts.end },
    ...(firstUndo !== undefined && { home: { start: firstUndo, end: Number.POSITIVE_INFINITY } }),
    ...afterWindow(facts),
    budget: { start: firstInject, end: undone + load.timeoutMs * 1000 },
    ahead,
    witness,
  };
}

function partOf(time: Micros, windows: Windows): Segment['part'] {
  if (windows.home !== undefined && time >= windows.home.start) return 'home';
  if (windows.faulted !== undefined && time >= windows.faulted.start) return 'stage';
  return time >= windows.baseline.start ? 'baseline' : 'ahead';
}

function phaseAt({ phases, end }: Facts, time: Micros): number {
  const span = phases.findLast((one) => one.start <= time && (time < one.end || one.end === end));
  return span === undefined ? -1 : PHASES.indexOf(span.phase);
}

/** Cuts the run at every time that some count begins or ends. The first segment starts at 0, the last never ends. */
export function segmentsOf(facts: Facts, stages: readonly Stage[], windows: Windows): Segment[] {
  const spans: readonly (Window | undefined)[] = [
    ...facts.phases,
    ...stages,
    windows.baseline,
    windows.faulted,
    windows.home,
    windows.budget,
    windows.after,
    ...windows.ahead.values(),
    ...windows.witness.values(),
  ];
  const cuts = new Set<Micros>([0]);
  for (const span of spans) {
    if (span === undefined) continue;
    cuts.add(span.start);
    if (Number.isFinite(span.end)) cuts.add(span.end);
  }
  const times = [...cuts].sort((a, b) => a - b);
  return times.map((start, index) => ({
    index,
    start,
    end: times[index + 1] ?? Number.POSITIVE_INFINITY,
    phase: phaseAt(facts, start),
    part: partOf(start, windows),
    stage: stages.findIndex((stage) => stage.start <= start && start < stage.end),
  }));
}

/** The segments that make up a window. */
export function within(segments: readonly Segment[], window: Window): readonly Segment[] {
  return segments.filter((segment) => segment.start >= window.start && segment.end <= window.end);
}
