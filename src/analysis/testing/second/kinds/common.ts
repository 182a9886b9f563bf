import type { Expectations } from '../../../../model/scenario.ts';
import type { Micros } from '../../../../model/units.ts';
import type { Drill, DrillOptions } from '../drill.ts';
import { outage, pathIn, type Wrong } from '../edits.ts';
import { badIn } from '../expect.ts';
import type { Fault } from '../fault.ts';
import { drill } from '../finish.ts';
import type { Happening } from '../happening.ts';
import type { Rng } from '../rng.ts';
import type { TrueRecovery } from '../truth.ts';

/** A budget that nothing of these runs exceeds, where errors are not the point. */
export const WIDE = { ratio: 0.9 };

/** Replaces clauses. */
export function clauses(made: Drill, changes: Partial<Expectations>): Drill {
  made.expect = { ...made.expect, ...changes };
  return made;
}

/** Takes clauses out. */
export function without(made: Drill, ...names: ('recoveryTime' | 'errorBudget' | 'unaffected' | 'failback')[]): Drill {
  const rest: Partial<Record<string, unknown>> & Expectations = { ...made.expect };
  for (const name of names) delete (rest as Record<string, unknown>)[name];
  made.expect = rest;
  return made;
}

/** The first fault; every drill of these kinds has one. */
export function first(made: Omit<Drill, 'expect'>): Fault {
  const [fault] = made.faults;
  if (fault === undefined) throw new Error('a drill without a fault');
  return fault;
}

/** Index of the first path of the first fault's zone. */
export function ownPath(made: Omit<Drill, 'expect'>): number {
  return pathIn(made, first(made).zone);
}

export function idOf(made: Omit<Drill, 'expect'>, path: number): string {
  return made.world.paths[path]?.id ?? '';
}

/** A drill in which the callers of the hit zone fail from the effect on for `lasts`, whatever the mesh does. */
export function downFor(
  rng: Rng,
  lasts: Micros,
  options: DrillOptions = {},
  how: Wrong = 'status',
): { made: Drill; recovery: TrueRecovery } {
  const made = clauses(drill(rng, options), { errorBudget: WIDE, recoveryTime: RECOVERY });
  const { effect } = first(made);
  const path = ownPath(made);
  outage(made, effect, effect + lasts, how, [path]);
  return { made, recovery: recoveryOf(made, path, effect, effect + lasts) };
}

export const RECOVERY = { withinMs: 5000, consecutive: 5, lastingMs: 1000 };

/** What is true of an outage on one path from `from` up to `to`. */
export function recoveryOf(made: Drill, path: number, from: Micros, to: Micros, stage = 1): TrueRecovery {
  const [bad] = badIn(made, made.times.inject, to, path);
  const length = bad === undefined ? {} : { length: to - bad.start };
  return { path: idOf(made, path), stage, lateness: to - from, ...length };
}

/** Takes away what a filter does not keep. */
export function keep(made: Drill, filter: (r: Drill['requests'][number]) => boolean): Drill {
  made.requests = made.requests.filter(filter);
  return made;
}

/** Replaces a step of a fault's life. */
export function step(happenings: Happening[], name: string, change: (event: Happening) => Happening[]): Happening[] {
  return happenings.flatMap((event) => (event.type === 'fault' && event.step === name ? change(event) : [event]));
}
