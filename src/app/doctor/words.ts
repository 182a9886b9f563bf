import { FaultlineError } from '../../model/errors.ts';

export const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** What to do about an error, where it says so. */
export const hintOf = (error: unknown): string | undefined =>
  error instanceof FaultlineError ? error.hint : undefined;
