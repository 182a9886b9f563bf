import { slowestRate } from '../model/rates.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Millis } from '../model/units.ts';
import type { Move } from './moves.ts';

/** When a path counts as recovered: so many good requests in a row, over so long. */
export type Hold = { readonly consecutive: number; readonly lastingMs: Millis };

/** Where the scenario has no recovery objective (analysis/timeline/stages.ts). */
const DEFAULT_HOLD: Hold = { consecutive: 5, lastingMs: 1000 };
const MERGE_WINDOW_MS = 1000;

export function holdOf({ expect }: Scenario): Hold {
  return expect.recoveryTime ?? DEFAULT_HOLD;
}

/**
 * Whether a fault begins a stage of its own: the one before has acted alone for so long that a recovery from it can be
 * told (analysis/timeline/stages.ts).
 */
export function beginsStage(scenario: Scenario, effectMs: Millis, nowMs: Millis): boolean {
  const { consecutive, lastingMs } = holdOf(scenario);
  return nowMs - effectMs >= MERGE_WINDOW_MS + lastingMs + (consecutive * 1000) / slowestRate(scenario.load);
}

/** Whether the run waits for a fault's proof before it goes on (run/inject.ts). */
export function isAwaited(moves: readonly Move[], index: number): boolean {
  const [now, next] = [moves[index]?.afterMs ?? 0, moves[index + 1]?.afterMs];
  return now > 0 || (next !== undefined && next > now);
}
