import { BUDGET_KINDS, HOME_KINDS } from './kinds/budget.ts';
import { CHANCE_KINDS } from './kinds/chance.ts';
import { EJECTION_KINDS } from './kinds/ejections.ts';
import { FAULT_KINDS } from './kinds/faults.ts';
import { MIXED_KINDS } from './kinds/mixed.ts';
import { ORDER_KINDS } from './kinds/order.ts';
import { RECORD_KINDS } from './kinds/records.ts';
import { REQUEST_KINDS } from './kinds/requests.ts';
import { RIGHT_KINDS } from './kinds/right.ts';
import { SILENCE_KINDS } from './kinds/silence.ts';
import { TIME_KINDS } from './kinds/times.ts';
import { WINDOW_KINDS } from './kinds/windows.ts';
import type { Kind } from './truth.ts';

/** Every kind of the second author, by section of docs/verdict.md. */
export const KINDS: readonly Kind[] = [
  ...RIGHT_KINDS,
  ...REQUEST_KINDS,
  ...WINDOW_KINDS,
  ...SILENCE_KINDS,
  ...CHANCE_KINDS,
  ...TIME_KINDS,
  ...FAULT_KINDS,
  ...ORDER_KINDS,
  ...BUDGET_KINDS,
  ...EJECTION_KINDS,
  ...HOME_KINDS,
  ...RECORD_KINDS,
  ...MIXED_KINDS,
];
