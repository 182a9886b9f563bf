import type { Facts, Shares } from './facts.ts';
import { ZONES } from './outage.ts';

/** The tolerances that docs/mesh-model.md states, beside what the model itself leaves to chance. */
export const TOLERANCE = {
  /** Errors: this many, and this part of the largest count of the model. */
  errors: 2,
  errorsPart: 0.15,
  /** Shares: this many standard deviations of both samples, and this much. */
  deviations: 4,
  share: 0.05,
  /** Times, in milliseconds: what the sampling of statistics leaves. */
  ms: 700,
};

/** Where what a caller saw is not what the model says, over several draws of its chance; in words, empty when it is. */
export function disagreements(seen: Facts, model: readonly Facts[]): string[] {
  const range = (what: string, of: (facts: Facts) => number | undefined, slack: (hi: number) => number): string[] =>
    outside(
      what,
      of(seen),
      model.map(of).filter((value) => value !== undefined),
      slack,
    );
  const errors = (hi: number): number => TOLERANCE.errors + TOLERANCE.errorsPart * hi;
  return [
    ...range('errors', ({ bad }) => bad, errors),
    ...range('errors after the undo', ({ badAfter }) => badAfter, errors),
    ...range(
      'ejections',
      ({ ejections }) => ejections,
      () => 0,
    ),
    ...range(
      'first ejection, ms after the first error',
      ({ ejectedAfterMs }) => ejectedAfterMs,
      () => TOLERANCE.ms,
    ),
    ...range(
      'home again, ms',
      ({ homeAfterMs }) => homeAfterMs,
      () => TOLERANCE.ms,
    ),
    ...range(
      'ejections prevented',
      ({ overflow }) => Number(overflow),
      () => 0,
    ),
    ...texts(seen, model),
    ...sharesOf('during the rollout', seen, model, ({ rollout }) => rollout),
    ...sharesOf('while the fault held', seen, model, ({ hold }) => hold),
    ...sharesOf('after the undo', seen, model, ({ after }) => after),
  ];
}

function outside(
  what: string,
  seen: number | undefined,
  model: readonly number[],
  slack: (hi: number) => number,
): string[] {
  if (seen === undefined || model.length === 0) return [];
  const [lo, hi] = [Math.min(...model), Math.max(...model)];
  if (seen >= lo - slack(hi) && seen <= hi + slack(hi)) return [];
  return [`${what}: seen ${Math.round(seen)}, model ${Math.round(lo)} to ${Math.round(hi)}`];
}

function texts(seen: Facts, model: readonly Facts[]): string[] {
  const known = new Set(model.flatMap((facts) => facts.texts));
  const unknown = seen.texts.filter((text) => !known.has(text));
  return unknown.length === 0 || known.size === 0
    ? []
    : [`texts: seen ${unknown.join(' | ')}, model ${[...known].join(' | ')}`];
}

/** Fewer calls show no share. */
const LEAST_CALLS = 10;

function sharesOf(what: string, seen: Facts, model: readonly Facts[], of: (facts: Facts) => Shares): string[] {
  const real = of(seen);
  const calls = model.reduce((sum, facts) => sum + of(facts).calls, 0);
  if (real.calls < LEAST_CALLS || calls < LEAST_CALLS) return [];
  return [...ZONES, 'bad' as const].flatMap((key) => {
    const count = (shares: Shares): number => (key === 'bad' ? shares.bad : shares.by[key]);
    const a = count(real) / real.calls;
    const b = model.reduce((sum, facts) => sum + count(of(facts)), 0) / calls;
    const [lo, hi] = extremes(model.map((facts) => count(of(facts)) / Math.max(1, of(facts).calls)));
    const slack = TOLERANCE.share + TOLERANCE.deviations * Math.sqrt((b * (1 - b)) / real.calls);
    if (Math.abs(a - b) <= slack || (a >= lo - TOLERANCE.share && a <= hi + TOLERANCE.share)) return [];
    return [`share of ${key} ${what}: seen ${percent(a)} of ${real.calls}, model ${percent(b)}`];
  });
}

function extremes(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
