import type { EjectionSummary } from '../../model/result.ts';
import { type CallerReturn, callerReturnsOf } from './caller-returns.ts';
import { unableOf } from './capacity.ts';
import { Counted } from './counted.ts';
import { type Effects, effectsOf } from './effects.ts';
import { ejectionSummary, ejectionsOf, type ServiceEjections } from './ejections.ts';
import { outcomesOf, type StageOutcome } from './recoveries.ts';
import { remembered } from './remembered.ts';
import { type Disagreement, disagreementsOf } from './told-twice.ts';

/** Everything the judges look at: what was counted, and what follows from it, each worked out once. */
export class Case extends Counted {
  /** Endpoints of a service that could not serve even before the faults, by `addressOf`. */
  readonly unable = remembered((service: string): ReadonlySet<string> => unableOf(this, service));
  /** Ejections of a service while the faults were on. */
  readonly ejectionsOf = remembered((service: string): ServiceEjections => ejectionsOf(this, service));
  #effects: Effects | undefined;
  #outcomes: readonly StageOutcome[] | undefined;
  #callerReturns: readonly CallerReturn[] | undefined;
  #ejections: EjectionSummary | undefined;
  #disagreements: readonly Disagreement[] | undefined;

  /** Which faults are established, and why the others are not. */
  get effects(): Effects {
    this.#effects ??= effectsOf(this);
    return this.#effects;
  }

  /** How every path came through every stage. */
  get outcomes(): readonly StageOutcome[] {
    this.#outcomes ??= outcomesOf(this);
    return this.#outcomes;
  }

  /** The way out and home of every service and zone of callers. */
  get callerReturns(): readonly CallerReturn[] {
    this.#callerReturns ??= callerReturnsOf(this);
    return this.#callerReturns;
  }

  get ejections(): EjectionSummary {
    this.#ejections ??= ejectionSummary(this);
    return this.#ejections;
  }

  /** Where answers and the callers' proxies tell of the same calls, and not of the same places; the worst first. */
  get disagreements(): readonly Disagreement[] {
    this.#disagreements ??= disagreementsOf(this).sort((a, b) => b.wrong - a.wrong);
    return this.#disagreements;
  }
}
