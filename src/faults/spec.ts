import { FaultlineError } from '../model/errors.ts';
import type { Json } from '../model/scenario.ts';
import { type Millis, parseDuration, parsePercent, type Ratio } from '../model/units.ts';

/*
 * Readers for the block of a fault. The scenario's validator has checked the block against the fault's schema, so a
 * failure here is a bug or a plan from a damaged journal; it is still an error with a name, never a wrong fault.
 */

type Block = { readonly [key: string]: Json };

/** A text field that must be there. */
export function textField(block: Block, field: string): string {
  const value = optionalText(block, field);
  if (value === undefined) throw new FaultlineError('FIELD_MISSING', `fault field ${field} is missing`);
  return value;
}

/** A text field that may be absent. */
export function optionalText(block: Block, field: string): string | undefined {
  const value = block[field];
  return typeof value === 'string' ? value : undefined;
}

/** A list of texts that may be absent. */
export function optionalTexts(block: Block, field: string): string[] | undefined {
  const value = block[field];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : undefined;
}

/** A map of labels that may be absent. */
export function optionalLabels(block: Block, field: string): Record<string, string> | undefined {
  const value = block[field];
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, label]) => [key, String(label)]));
}

/** A count that may be absent. */
export function optionalCount(block: Block, field: string): number | undefined {
  const value = block[field];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** A duration in milliseconds that may be absent. */
export function optionalDuration(block: Block, field: string): Millis | undefined {
  const text = optionalText(block, field);
  return text === undefined ? undefined : parseDuration(text);
}

/** A share that may be absent. */
export function optionalPercent(block: Block, field: string): Ratio | undefined {
  const text = optionalText(block, field);
  return text === undefined ? undefined : parsePercent(text);
}
