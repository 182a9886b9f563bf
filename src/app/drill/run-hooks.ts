import type { HistoryEvent } from '../../model/history.ts';
import type { PlannedRun } from '../../run/planned-run.ts';
import type { RunProgress } from '../../run/wiring.ts';

/** Whoever has a run made, while it is made. */
export type RunHooks = {
  /** Called with the plan before the first write; resolve to false to refuse. */
  readonly confirm: (run: PlannedRun) => Promise<boolean>;
  readonly onProgress: (progress: RunProgress) => void;
  /** One line for people: phases, faults, notices. */
  readonly onEvent: (event: HistoryEvent) => void;
  /** One line for people that belongs to no record: whom the run waits for, and who could not be told of it. */
  readonly say: (text: string) => void;
  /** Aborted with a StopReason when the operator wants the run to end. */
  readonly stop: AbortSignal;
};
