import { measurableMs } from '../model/recovery-rule.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Millis } from '../model/units.ts';
import type { Move } from './moves.ts';

/** Whether a fault begins a stage of its own: the one before has acted alone for so long that a recovery from it can be told. */
export function beginsStage({ expect, load }: Scenario, effectMs: Millis, nowMs: Millis): boolean {
  return nowMs - effectMs >= measurableMs(expect, load);
}

/** Whether the run waits for a fault's proof before it goes on (run/inject.ts). */
export function isAwaited(moves: readonly Move[], index: number): boolean {
  const [now, next] = [moves[index]?.afterMs ?? 0, moves[index + 1]?.afterMs];
  return now > 0 || (next !== undefined && next > now);
}
