import { MERGE_WINDOW_MS, measurableMs } from '../../model/recovery-rule.ts';
import type { Micros } from '../../model/units.ts';
import type { Facts, FaultFacts } from './history.ts';

/** As MERGE_WINDOW_MS, on the run's own clock. */
export const MERGE_WINDOW: Micros = MERGE_WINDOW_MS * 1_000;

/** A span with a constant set of faults, from the first injection request to the next stage or the first undo request. */
export type Stage = {
  readonly index: number;
  /** Faults injected at the start of this stage. */
  readonly faults: readonly FaultFacts[];
  /** Faults that are on, those of earlier stages included. */
  readonly active: readonly FaultFacts[];
  readonly start: Micros;
  /** First acknowledgement; the request where none came. */
  readonly acknowledged: Micros;
  /** The cluster's earliest evidence of an effect. */
  readonly effective?: Micros;
  /** When the last of its faults was proven. */
  readonly proven?: Micros;
  readonly end: Micros;
  /** Every fault that is on was proven, and none was found off again before its undo. */
  readonly isProven: boolean;
};

type Injected = FaultFacts & { readonly requested: Micros };

function groups(facts: Facts): Injected[][] {
  const injected = facts.faults
    .filter((fault): fault is Injected => fault.requested !== undefined)
    .sort((a, b) => a.requested - b.requested);
  const { expect, load } = facts.header.scenario;
  const least = measurableMs(expect, load) * 1_000;
  const stages: Injected[][] = [];
  for (const fault of injected) {
    const current = stages.at(-1);
    const since =
      current && Math.max(...current.map((f) => f.effective ?? f.notProven?.t ?? f.acknowledged ?? f.requested));
    if (current === undefined || since === undefined || fault.requested - since >= least) stages.push([fault]);
    else current.push(fault);
  }
  return stages;
}

/** The stages of a run in time order; none when nothing was injected. */
export function stagesOf(facts: Facts): Stage[] {
  const all = groups(facts);
  const lastEnd = facts.firstUndo ?? facts.end;
  return all.map((faults, index) => {
    const start = Math.min(...faults.map((fault) => fault.requested));
    const active = all.slice(0, index + 1).flat();
    const next = all[index + 1]?.[0]?.requested ?? lastEnd;
    const effects = faults.flatMap((fault) => fault.effective ?? []);
    const proofs = faults.flatMap((fault) => fault.proven ?? []);
    return {
      index,
      faults,
      active,
      start,
      acknowledged: Math.min(...faults.map((fault) => fault.acknowledged ?? fault.requested)),
      ...(effects.length > 0 && { effective: Math.min(...effects) }),
      ...(proofs.length > 0 && { proven: Math.max(...proofs) }),
      end: Math.max(start, Math.min(next, lastEnd)),
      isProven: active.every((fault) => fault.proven !== undefined && fault.wentOff === undefined),
    };
  });
}
