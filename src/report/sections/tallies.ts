import type { Budget } from '../../model/result.ts';
import { oneLine } from '../escape.ts';
import { countText, formatNumber, shareText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { MOST_SHOWN, moreText, shortlist } from '../shortlist.ts';
import { sentOf, TALLY_WORDS, tallySum } from '../tally.ts';
import { type Cell, dataBehind, table } from '../view.ts';

type Row = Budget['paths'][number];

function cells(name: string, row: Omit<Row, 'path'>): Cell[] {
  return [
    { head: name },
    { num: formatNumber(sentOf(row), 0) },
    { num: formatNumber(row.good, 0) },
    { num: formatNumber(row.bad, 0) },
    { num: formatNumber(row.doubtful, 0) },
    { num: shareText(row.bad, sentOf(row)) },
    { num: formatNumber(row.unknown, 0) },
  ];
}

/** The paths without a row of their own, in one. */
function restCells(rest: readonly Row[]): readonly Cell[][] {
  if (rest.length === 0) return [];
  const failing = rest.filter(({ bad }) => bad > 0).length;
  const words =
    failing === 0 ? 'none with a bad request' : `${formatNumber(failing, 0)} with bad requests, see result.json`;
  const doubtful = rest.reduce((sum, row) => sum + row.doubtful, 0);
  return [cells(`${countText(rest.length, 'more path')}, ${words}`, { ...tallySum(rest), doubtful })];
}

function paths({ paths: rows }: Budget): Html {
  if (rows.length === 0) return html``;
  const { shown, rest } = shortlist(rows, ({ bad, unknown }) => bad + (unknown > 0 ? 0.5 : 0));
  return html`${table({
    caption: 'Requests of each path',
    columns: ['Path', 'Sent', 'Good', 'Bad', 'Of these doubtful', 'Share bad', 'Unknown'],
    stacks: true,
    rows: [...shown.map((row) => cells(oneLine(row.path, 90), row)), ...restCells(rest)],
  })}<p class="sub">${TALLY_WORDS}</p>`;
}

function callers({ callers: rows }: Budget): Html {
  if (rows.length === 0) return html``;
  const more = moreText(rows.length - MOST_SHOWN);
  return html`${dataBehind({
    caption: `bad requests of each caller${more === '' ? '' : `, the most first, ${more}`}`,
    columns: ['Caller', 'Zone', 'Bad', 'Of these doubtful'],
    rows: rows
      .slice(0, MOST_SHOWN)
      .map(({ caller, zone, bad, doubtful }) => [
        { head: oneLine(caller, 90) },
        oneLine(zone, 60),
        { num: formatNumber(bad, 0) },
        { num: formatNumber(doubtful, 0) },
      ]),
  })}`;
}

function silent({ notAsked }: Budget): Html {
  if (notAsked.length === 0) return html``;
  const names = notAsked.slice(0, MOST_SHOWN).map((name) => oneLine(name, 90));
  const more = moreText(notAsked.length - names.length);
  return html`<p class="warn"><b>Not asked while the fault was on:</b> ${[...names, ...(more === '' ? [] : [more])].join(', ')}. Nothing is known of what these callers would have seen.</p>`;
}

/** Who sent how much, what came of it, and who was silent. */
export function tallies(budget: Budget): Html {
  return html`${paths(budget)}${silent(budget)}${callers(budget)}`;
}
