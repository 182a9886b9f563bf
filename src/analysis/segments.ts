import type { Phase } from '../model/history.ts';
import type { Micros } from '../model/units.ts';
import type { Facts } from './facts.ts';
import type { Stage } from './stages.ts';

/** A stretch of time in which nothing that is counted separately changes. Requests belong to it by their due time. */
export type Segment = {
  readonly index: number;
  readonly start: Micros;
  readonly end: Micros;
  readonly phase: Phase | undefined;
  /** Index of the stage; -1 outside. */
  readonly stage: number;
  readonly afterUndo: boolean;
};

export type Window = { readonly start: Micros; readonly end: Micros };

/** The windows that objectives are judged over. */
export type Windows = {
  /** Ends early enough that no request in it could meet the first fault. */
  readonly baseline: Window;
  /** From the first injection request to the end of the undo. */
  readonly faulted?: Window;
  /** `faulted` and one timeout more: what an error budget counts. */
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
const WITNESS_DELAY: Micros = 2_000_000;

/** Absent while the run goes on, because the runner asks for a judgement of the baseline then. */
function afterWindow(facts: Facts): { after?: Window } {
  const phase = facts.phases.findLast((span) => span.phase === 'recover');
  if (phase === undefined || !facts.ended || facts.status !== 'completed') return {};
  const lasts = Math.floor(Math.min(AFTER, (phase.end - phase.start) / 2));
  return { after: { start: phase.end - lasts, end: phase.end } };
}

export function windowsOf(facts: Facts): Windows {
  const { load } = facts.header.scenario;
  const phase = facts.phases.find((span) => span.phase === 'baseline');
  const start = phase?.start ?? 0;
  const inFlight = (facts.firstInject ?? facts.end) - load.good.latencyMs * 1000;
  const baseline = { start, end: Math.max(start, Math.min(phase?.end ?? facts.end, inFlight)) };
  const undone = facts.undone ?? facts.end;
  const ahead = new Map<string, Window>();
  for (const { name, requested } of facts.faults) {
    if (requested === undefined) continue;
    ahead.set(name, { start, end: Math.max(start, requested - load.good.latencyMs * 1000) });
  }
  const witness = new Map<string, Window>();
  for (const fault of facts.faults) {
    if (fault.proven === undefined || fault.effective === undefined) continue;
    const from = Math.max(fault.proven, fault.effective) + WITNESS_DELAY;
    witness.set(fault.name, { start: from, end: Math.max(from, fault.undoRequested ?? facts.firstUndo ?? facts.end) });
  }
  if (facts.firstInject === undefined) return { baseline, budget: { start: 0, end: facts.end }, ahead, witness };
  return {
    baseline,
    faulted: { start: facts.firstInject, end: undone },
    ...afterWindow(facts),
    budget: { start: facts.firstInject, end: undone + load.timeoutMs * 1000 },
    ahead,
    witness,
  };
}

/** Cuts the run at every time that some count begins or ends. The first segment starts at 0, the last never ends. */
export function segmentsOf(facts: Facts, stages: readonly Stage[], windows: Windows): Segment[] {
  const spans: readonly (Window | undefined)[] = [
    ...facts.phases,
    ...stages,
    windows.baseline,
    windows.faulted,
    windows.budget,
    windows.after,
    ...windows.ahead.values(),
    ...windows.witness.values(),
  ];
  const cuts = new Set<Micros>([0]);
  for (const span of spans) {
    if (span !== undefined) cuts.add(span.start).add(span.end);
  }
  if (facts.firstUndo !== undefined) cuts.add(facts.firstUndo);
  const times = [...cuts].sort((a, b) => a - b);
  return times.map((start, index) => ({
    index,
    start,
    end: times[index + 1] ?? Number.POSITIVE_INFINITY,
    phase: facts.phases.findLast((span) => span.start <= start && (start < span.end || span.end === facts.end))?.phase,
    stage: stages.findIndex((stage) => stage.start <= start && start < stage.end),
    afterUndo: facts.firstUndo !== undefined && start >= facts.firstUndo,
  }));
}

/** The segments that make up a window. */
export function within(segments: readonly Segment[], window: Window): readonly Segment[] {
  return segments.filter((segment) => segment.start >= window.start && segment.end <= window.end);
}
