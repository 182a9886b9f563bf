import { queryText, type Requirement, type ValueLimit } from '../../model/abort.ts';
import { messageOf } from '../../model/errors.ts';
import type { Prometheus, Sample } from '../../model/ports.ts';

/**
 * What an answer says of a limit, with the worst of its values: one past it is enough; without a value, or with a warning,
 * nothing is said.
 */
export type QueryWord =
  | { readonly says: 'within'; readonly sample: Sample }
  | { readonly says: 'past'; readonly sample: Sample }
  | { readonly says: 'nothing'; readonly why: string };

/** A value past the limit counts whatever else is missing; that all is well is said only by an answer that is whole. */
export function wordOf(
  { samples, warnings }: Awaited<ReturnType<Prometheus['ask']>>,
  { side, value: limit }: ValueLimit,
): QueryWord {
  const sign = side === 'above' ? 1 : -1;
  const [first, ...others] = samples.filter(({ value }) => !Number.isNaN(value));
  const sample = first && others.reduce((a, b) => (sign * b.value > sign * a.value ? b : a), first);
  if (sample !== undefined && sign * sample.value > sign * limit) return { says: 'past', sample };
  if (samples.length === 0) return { says: 'nothing', why: 'it has no value' };
  const isWhole = samples.every(({ value }) => !Number.isNaN(value));
  if (sample === undefined || !isWhole) return { says: 'nothing', why: 'its value is NaN' };
  const [warning] = warnings;
  if (warning !== undefined) return { says: 'nothing', why: `the answer has a warning: ${warning}` };
  return { says: 'within', sample };
}

/** Asks a query once. Whatever keeps it from an answer is a word of nothing. */
export function askOnce(prometheus: Prometheus, { query, limit }: Requirement): Promise<QueryWord> {
  return prometheus.ask(query).then(
    (answer) => wordOf(answer, limit),
    (error: unknown): QueryWord => ({ says: 'nothing', why: messageOf(error) }),
  );
}

/** `sum(up) {zone="a"} was 0.31` */
export function sampleText(query: string, { labels, value }: Sample): string {
  return `${queryText(query)}${labels === '' ? '' : ` ${labels}`} was ${Number(value.toPrecision(6))}`;
}
