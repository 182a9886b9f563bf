import { queryText } from '../../model/abort.ts';
import type { QueryValues } from '../../model/result.ts';
import { oneLine } from '../escape.ts';
import { boundText, formatNumber, spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { moreText } from '../shortlist.ts';
import { MOST_COLUMNS } from '../svg/columns.ts';
import { timeChart } from '../svg/frame.ts';
import { stacked } from '../svg/layers.ts';
import { drawQuery, figureText, limitText, QUERY_ROW, queryColumns } from '../svg/queries.ts';
import { dataBehind, moment, table, type View } from '../view.ts';

/** The most queries that are drawn; all are in the table. */
const MOST_ROWS = 12;
const MOST_TABLE_ROWS = 30;

const WORDS = { abort: 'abort condition', require: 'requirement' } as const;

/** As the scenario counts them: `abort condition 1`. */
function nameOf({ of, index }: QueryValues): string {
  return `${WORDS[of]} ${formatNumber(index + 1, 0)}`;
}

/** For the narrow box at the line over the charts: `≤ 0.2`. */
function shortLimit({ limit: { side, value } }: QueryValues): string {
  return boundText({ op: side === 'above' ? '<=' : '>=', value, unit: 'count' });
}

/** What the query was over the run, and how long nobody could tell. */
function rangeOf(query: QueryValues): { readonly least: string; readonly most: string; readonly untold: string } {
  const told = query.values.flatMap(({ value }) => (value === null ? [] : [value]));
  const untold = query.values.reduce((sum, { at, until, value }) => sum + (value === null ? until - at : 0), 0);
  return {
    least: told.length === 0 ? 'none' : figureText(Math.min(...told), query),
    most: told.length === 0 ? 'none' : figureText(Math.max(...told), query),
    untold: untold > 0 ? spanText(untold) : 'never',
  };
}

function describe(query: QueryValues): string {
  const { least, most, untold } = rangeOf(query);
  const was = least === 'none' ? 'no figure' : `${least} to ${most}`;
  return `${nameOf(query)}, ${oneLine(queryText(query.query), 100)}: ${was}, allowed ${limitText(query)}, without a figure for ${untold}.`;
}

function overview(queries: readonly QueryValues[]): Html {
  return table({
    caption: 'Queries that the scenario names',
    columns: ['In the scenario', 'Query', 'Allowed', 'Lowest', 'Highest', 'No figure for'],
    stacks: true,
    rows: queries.map((query) => {
      const { least, most, untold } = rangeOf(query);
      const text = html`<code>${oneLine(query.query, 400)}</code>`;
      return [{ head: nameOf(query) }, text, limitText(query), { num: least }, { num: most }, { num: untold }];
    }),
  });
}

function numbers(view: View, queries: readonly QueryValues[]): Html {
  const { axis } = view;
  const step = (axis.end - axis.start) / MOST_TABLE_ROWS;
  const columns = queries.map((query) => queryColumns(query, axis, MOST_TABLE_ROWS));
  return dataBehind({
    caption: `the worst value of each query, ${spanText(step)} a row`,
    columns: ['From', ...queries.map(nameOf)],
    rows: Array.from({ length: MOST_TABLE_ROWS }, (_, at) => [
      { head: moment(view, axis.start + at * step) },
      ...queries.map((query, which) => {
        const value = columns[which]?.[at] ?? null;
        return { num: value === null ? 'no figure' : figureText(value, query) };
      }),
    ]),
  });
}

/** A row for each query of Prometheus that the scenario names, against its limit; nothing where it names none. */
export function queryRows(view: View): Html {
  const { axis, bands, result } = view;
  const { queries = [], guides } = result;
  if (queries.length === 0) return html``;
  const drawn = queries.slice(0, MOST_ROWS);
  const rows = drawn.map((query) => ({ query, name: nameOf(query), values: queryColumns(query, axis) }));
  const left = queries.length - drawn.length;
  const chart = timeChart({
    id: 'ui-pic-queries',
    title: 'Values of Prometheus queries over the run',
    desc: drawn.map(describe).join(' '),
    axis,
    bands,
    guides,
    plot: QUERY_ROW * rows.length,
    readout: {
      start: axis.start,
      step: (axis.end - axis.start) / MOST_COLUMNS,
      rows: rows.map(({ query, name, values }) => ({ name: `${name} (${shortLimit(query)})`, values })),
    },
    draw: (top) =>
      stacked(rows.map(({ query, name, values }, at) => drawQuery(query, name, values, top + at * QUERY_ROW))),
  });
  return html`<h3>Prometheus queries of the scenario</h3><p class="sub">The dashed line is what is allowed; the line has a gap where no figure was told, or nobody asked.${left > 0 ? ` ${moreText(left)}.` : ''}</p>${chart}${overview(queries)}${numbers(view, drawn)}`;
}
