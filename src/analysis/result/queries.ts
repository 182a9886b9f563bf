import { type ValueLimit, worstOf } from '../../model/abort.ts';
import type { QueryValues } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import type { EventOf, Facts } from '../timeline/history.ts';

/** So many values of a query are told, however long the run was. */
const MOST_VALUES = 240;
/** How long a value stands that none comes after: a query is asked every 5 s, and its answer may take as long again. */
const STANDS: Micros = 10_000_000;

type Value = QueryValues['values'][number];

/** What the scenario's queries of Prometheus were, in its order; none of a query that was not asked. */
export function queriesOf({ header: { scenario }, queryValues, end }: Facts): readonly QueryValues[] {
  const named = [
    ...(scenario.abort ?? []).map((one, index) => ({ of: 'abort' as const, index, ...one })),
    ...(scenario.require ?? []).map((one, index) => ({ of: 'require' as const, index, ...one })),
  ];
  return named.flatMap((one) => {
    const { of, index } = one;
    const told = queryValues.filter((event) => event.of === of && event.index === index);
    const [first] = told;
    if (first === undefined || !('query' in one)) return [];
    const { limit } = first;
    return [{ of, index, query: one.query, limit, values: thinned(valuesOf(told, end), limit) }];
  });
}

function valuesOf(told: readonly EventOf<'query-value'>[], end: Micros): readonly Value[] {
  const sorted = told.toSorted((a, b) => a.asked - b.asked);
  return sorted.map(({ asked, value }, at) => {
    const next = sorted[at + 1]?.asked ?? Math.max(asked, end);
    return { at: asked, until: Math.min(next, asked + STANDS), value: Number.isFinite(value) ? value : null };
  });
}

/** The same in at most `MOST_VALUES` stretches of as many values each. */
function thinned(values: readonly Value[], limit: ValueLimit): readonly Value[] {
  const each = Math.ceil(values.length / MOST_VALUES);
  if (each <= 1) return values;
  return values.flatMap((first, at) => {
    if (at % each !== 0) return [];
    const stretch = values.slice(at, at + each);
    const told = stretch.map(({ value }) => value);
    return [{ at: first.at, until: stretch.at(-1)?.until ?? first.until, value: worstOf(told, limit) }];
  });
}
