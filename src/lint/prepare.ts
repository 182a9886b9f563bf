import { callsIn } from './calls.ts';
import { entriesOf } from './entries.ts';
import { chainOf } from './scope.ts';
import type { LintSystem } from './system.ts';

/** Everything that rules look at, from what was read. */
export function systemOf(read: Omit<LintSystem, 'calls' | 'entries' | 'chain'>): LintSystem {
  const chain = chainOf(read.live, read.scenario);
  return {
    ...read,
    ...(chain === undefined ? {} : { chain }),
    calls: callsIn(read.live, chain),
    entries: entriesOf(read.live, read.scenario),
  };
}
