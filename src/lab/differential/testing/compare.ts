import type { Facts, Shares } from './facts.ts';
import { type Outage, ZONES } from './outage.ts';

/** The tolerances that docs/mesh-model.md states. */
export const TOLERANCE = {
  /** Errors: this many and this part of the larger count. */
  errors: 4,
  errorsPart: 0.25,
  /** Shares: this many standard deviations of two samples, and this much. */
  deviations: 4,
  share: 0.06,
  /** Times, in milliseconds: what polling and two pod starts leave. */
  ms: 1300,
};

/** Where the two sides do not agree about what a caller saw, in words; empty when they do. */
export function disagreements(outage: Outage, lab: Facts, model: Facts): string[] {
  return [
    ...errors('errors', outage, lab.bad, model.bad),
    ...errors('errors after the undo', outage, lab.badAfter, model.badAfter),
    ...texts(lab, model),
    ...sharesOf('during the rollout', lab.rollout, model.rollout),
    ...sharesOf('while the fault held', lab.hold, model.hold),
    ...sharesOf('after the undo', lab.after, model.after),
    ...ejections(outage, lab, model),
    ...times('home again', lab.homeAfterMs, model.homeAfterMs),
  ];
}

function differ(what: string, lab: unknown, model: unknown): string {
  return `${what}: lab ${lab}, model ${model}`;
}

function errors(what: string, outage: Outage, lab: number, model: number): string[] {
  const { errors: least, errorsPart } = TOLERANCE;
  if (Math.abs(lab - model) <= least + errorsPart * Math.max(lab, model)) return [];
  if (isOneOfTwoPushes(outage, lab, model)) return [];
  return [differ(what, lab, model)];
}

/**
 * Where istiod tells of the new pod and of the old one's end in two pushes, the second ends the merge window, and the errors
 * of the window are not there: it happens in about one of six rollouts, and the model always makes one push of them.
 */
function isOneOfTwoPushes({ rate, atOnce }: Outage, lab: number, model: number): boolean {
  return !atOnce && lab < model && model <= 1.5 * rate + TOLERANCE.errors;
}

function texts(lab: Facts, model: Facts): string[] {
  const unknown = lab.texts.filter((text) => !model.texts.includes(text));
  return unknown.length === 0 || model.texts.length === 0
    ? []
    : [differ('texts', unknown.join(' | '), model.texts.join(' | '))];
}

function sharesOf(what: string, lab: Shares, model: Shares): string[] {
  if (Math.min(lab.calls, model.calls) < 10) return [];
  return [...ZONES, 'bad' as const].flatMap((key) => {
    const [a, b] = [lab, model].map((one) => (key === 'bad' ? one.bad : one.by[key]) / one.calls) as [number, number];
    const mean = (a * lab.calls + b * model.calls) / (lab.calls + model.calls);
    const deviation = Math.sqrt(mean * (1 - mean) * (1 / lab.calls + 1 / model.calls));
    if (Math.abs(a - b) <= TOLERANCE.share + TOLERANCE.deviations * deviation) return [];
    return [differ(`share of ${key} ${what}`, percent(a, lab.calls), percent(b, model.calls))];
  });
}

function percent(share: number, calls: number): string {
  return `${Math.round(share * 100)} % of ${calls}`;
}

/** Hosts that come back and are ejected again make the count a matter of when one looks. */
function ejections({ baseEjectionMs }: Outage, lab: Facts, model: Facts): string[] {
  const again = baseEjectionMs < 10_000 && Math.min(lab.ejections, model.ejections) > 0 ? 1 : 0;
  const found: string[] = [];
  if (Math.abs(lab.ejections - model.ejections) > again)
    found.push(differ('ejections', lab.ejections, model.ejections));
  if (lab.overflow !== model.overflow) found.push(differ('ejections prevented', lab.overflow, model.overflow));
  if (lab.ejectedAfterMs !== undefined && model.ejectedAfterMs !== undefined) {
    found.push(...times('first ejection', lab.ejectedAfterMs, model.ejectedAfterMs));
  }
  return found;
}

function times(what: string, lab: number, model: number): string[] {
  const [a, b] = [Math.round(lab), Math.round(model)];
  return Math.abs(a - b) <= TOLERANCE.ms ? [] : [differ(what, `${a} ms`, `${b} ms`)];
}
