import { APP_DOWN_TEXT, resetText } from '../../../mesh/outcome.ts';
import type { Facts, Shares } from './facts.ts';
import { type Outage, ZONES } from './outage.ts';

/** The tolerances that docs/mesh-model.md states, beside what the model itself leaves to chance. */
const TOLERANCE = {
  /** Errors: this many, and this part of the largest count of the model. */
  errors: 2,
  errorsPart: 0.15,
  /** Shares: this many standard deviations of both samples, and this much. */
  deviations: 4,
  share: 0.05,
  /** Times, in milliseconds: what the sampling of statistics leaves. */
  ms: 700,
};

/** A fact that is a number, and how far it may be beyond the model's range, whose upper end is `hi`. */
type Measured = readonly [what: string, of: (facts: Facts) => number | undefined, slack: (hi: number) => number];

const errors = (hi: number): number => TOLERANCE.errors + TOLERANCE.errorsPart * hi;
const time = (): number => TOLERANCE.ms;

/** A host that soon comes back and is ejected again makes the count a matter of the sweep's phase, which nobody knows. */
function measuredOf({ baseEjectionMs }: Outage): readonly Measured[] {
  const again = (hi: number): number => (baseEjectionMs < 10_000 && hi > 1 ? 1 : 0);
  return [
    ['errors', ({ bad }) => bad, errors],
    ['errors after the undo', ({ badAfter }) => badAfter, errors],
    ['ejections', ({ ejections }) => ejections, again],
    ['ejections prevented', ({ overflow }) => Number(overflow), () => 0],
    ['first ejection, ms after the first error', ({ ejectedAfterMs }) => ejectedAfterMs, time],
    ['home again, ms', ({ homeAfterMs }) => homeAfterMs, time],
  ];
}

/** Where what a caller saw is not what the model says, over several draws of its chance; in words, empty when it is. */
export function disagreements(outage: Outage, seen: Facts, model: readonly Facts[]): string[] {
  return [
    ...measuredOf(outage).flatMap((measured) => outside(measured, seen, model)),
    ...texts(outage, seen, model),
    ...sharesOf('during the rollout', seen, model, ({ rollout }) => rollout),
    ...sharesOf('while the fault held', seen, model, ({ hold }) => hold),
    ...sharesOf('after the undo', seen, model, ({ after }) => after),
  ];
}

function outside([what, of, slack]: Measured, seen: Facts, model: readonly Facts[]): string[] {
  const value = of(seen);
  const values = model.map(of).filter((one) => one !== undefined);
  if (value === undefined || values.length === 0) return [];
  const [lo, hi] = extremes(values);
  if (value >= lo - slack(hi) && value <= hi + slack(hi)) return [];
  return [`${what}: seen ${Math.round(value)}, model ${Math.round(lo)} to ${Math.round(hi)}`];
}

/** Of calls that meet a pod without a preStop hook on its way out: its connections break, its application refuses. */
const LEAVING = [resetText('reset', false), APP_DOWN_TEXT].map((text) => `503 ${text}`);

function texts({ preStop }: Outage, seen: Facts, model: readonly Facts[]): string[] {
  const known = new Set([...model.flatMap((facts) => facts.texts), ...(preStop === 0 ? LEAVING : [])]);
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
