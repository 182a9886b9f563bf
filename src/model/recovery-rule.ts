import { type Rated, slowestRate } from './rates.ts';
import type { Expectations } from './scenario.ts';
import type { Millis } from './units.ts';

/** When a path counts as recovered: so many good requests in a row, over so long. */
export type RecoveryRule = { readonly consecutive: number; readonly lastingMs: Millis };

/** Where the scenario has no recovery objective. */
const DEFAULT_RULE: RecoveryRule = { consecutive: 5, lastingMs: 1_000 };

/** Envoy may hold back a health change this long (update_merge_window), so nothing is judged before it is over. */
export const MERGE_WINDOW_MS: Millis = 1_000;

export function recoveryRuleOf({ recoveryTime }: Pick<Expectations, 'recoveryTime'>): RecoveryRule {
  return recoveryTime ?? DEFAULT_RULE;
}

/** How long a fault must act alone before a recovery from it can be told from the next fault. */
export function measurableMs(expect: Pick<Expectations, 'recoveryTime'>, load: Rated): Millis {
  const { consecutive, lastingMs } = recoveryRuleOf(expect);
  return MERGE_WINDOW_MS + lastingMs + (consecutive * 1_000) / slowestRate(load);
}
