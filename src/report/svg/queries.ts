import { worstOf } from '../../model/abort.ts';
import type { QueryValues } from '../../model/result.ts';
import { formatNumber } from '../format.ts';
import { html } from '../html.ts';
import { PALETTE } from '../palette.ts';
import type { TimeAxis } from './axis.ts';
import { MOST_COLUMNS } from './columns.ts';
import { fitted } from './frame.ts';
import type { Layers } from './layers.ts';
import { label, laneTitle, pct, stretched, stroke } from './paint.ts';
import { finite, niceTop } from './scale.ts';
import { baseLine } from './stacks.ts';
import { stepLine } from './steps.ts';
import { TITLE } from './tracks.ts';

const PLOT = 40;
const LABEL = 14;
/** Height of one row of `drawQuery`. */
export const QUERY_ROW = TITLE + PLOT + 2;

/** What a query was in equal columns over the axis; null where no figure was told, or nobody asked. */
export function queryColumns(
  { values, limit }: QueryValues,
  axis: Pick<TimeAxis, 'start' | 'end'>,
  columns = MOST_COLUMNS,
): readonly (number | null)[] {
  const step = (axis.end - axis.start) / columns;
  return Array.from({ length: columns }, (_, column) => {
    const from = axis.start + column * step;
    const met = values.filter(({ at, until }) => at < from + step && until > from);
    return worstOf(
      met.map(({ value }) => (Number.isFinite(value) ? value : null)),
      limit,
    );
  });
}

/** A figure of a query beside its limit, on whose side of it it stays: `0.2004`. */
export function figureText(value: number, { limit }: Pick<QueryValues, 'limit'>): string {
  return formatNumber(value, 3, [0, limit.value]);
}

/** What a limit lets pass: `at most 0.2`. */
export function limitText({ limit }: Pick<QueryValues, 'limit'>): string {
  return `${limit.side === 'above' ? 'at most' : 'at least'} ${formatNumber(limit.value, 6, [0])}`;
}

/** The values of one query as a step line with gaps, and its limit as a dashed line with its figure; the scale has 0 and the limit. */
export function drawQuery(query: QueryValues, name: string, values: readonly (number | null)[], top: number): Layers {
  const limit = finite(query.limit.value);
  const told = [0, limit, ...values.map((value) => value ?? 0)];
  const [most, least] = [Math.max(...told), Math.min(...told)];
  const ceiling = most > 0 || least === 0 ? niceTop(most) : 0;
  const floor = least < 0 ? -niceTop(-least) : 0;
  const d = stepLine(
    values.map((value) => (value === null ? null : value - floor)),
    ceiling - floor,
    PLOT,
  );
  const at = Number((PLOT * (1 - (limit - floor) / (ceiling - floor))).toFixed(1));
  const y = top + TITLE + at;
  // A value at the edge of the scale keeps its whole width.
  const line = html`<path transform="translate(0 1)" d="${d}" class="s-z00" stroke="${PALETTE.z00[0]}" stroke-width="2" fill="none" vector-effect="non-scaling-stroke"/>`;
  const limitLine = html`<line x1="0" x2="${pct(100)}" y1="${y}" y2="${y}" ${stroke('fail')} stroke-dasharray="6 4"/>`;
  const words = `${name}, ${formatNumber(floor, 2)} to ${formatNumber(ceiling, 2)}: ${query.query}`;
  const figure = label(100, at < LABEL ? y + 12 : y - 4, limitText(query), { anchor: 'end', dx: -3, halo: true });
  return {
    marks: html`${limitLine}${d === '' ? '' : stretched(values.length, top + TITLE - 1, PLOT + 2, line)}${baseLine(top + TITLE + PLOT)}`,
    titles: html`${laneTitle(top, fitted(words, 98))}${figure}`,
  };
}
