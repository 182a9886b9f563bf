import type { Verdict } from '../model/finding.ts';
import { plainPunctuation, terminalText } from './escape.ts';
import { tellable } from './face.ts';
import { figuresOf } from './figures.ts';
import { type FindingGroup, foldFindings } from './fold.ts';
import { countText, formatNumber } from './format.ts';
import { headed, inked, mark, type Pen, squeezed } from './terminal-text.ts';
import type { WordedResult } from './worded.ts';

/** The most rows of one verdict and objective. */
const MOST_ROWS = 12;

type Row = { readonly verdict: Verdict; readonly cells: readonly [string, string, string, string] };

/** Of a group, what has a row; the others share one that says how many they are. */
function rowsOf({ verdict, words, shown, folded }: FindingGroup): readonly Row[] {
  const kept = shown.slice(0, MOST_ROWS);
  const more = shown.length - kept.length + folded.length;
  const rows = kept.map((finding): Row => {
    const { measured = '', limit = '', restsOn = '' } = figuresOf(finding);
    return { verdict, cells: [terminalText(finding.id, 120), measured, limit, restsOn] };
  });
  if (more === 0) return rows;
  const counted = kept.length === 0 ? countText(more, 'finding') : `${formatNumber(more, 0)} more`;
  return [...rows, { verdict, cells: [`${words.name}: ${counted}`, '', '', ''] }];
}

const HEADS = ['finding', 'measured', 'limit', 'judged from'] as const;

/** Less room than this for a name leaves nothing to know it by. */
const LEAST_NAME = 24;

/** What was found, in a table where there is room for one. */
export function findingsTable(pen: Pen, result: WordedResult): string[] {
  const { told } = tellable(result);
  if (told.length === 0) return ['There are no findings: nothing could be judged.'];
  const rows = foldFindings(told, result.reasonFinding)
    .flatMap(rowsOf)
    .map(({ verdict, cells }) => ({
      verdict,
      cells: cells.map((cell) => (pen.color ? cell : plainPunctuation(cell))),
    }));
  return tabled(pen, rows) ?? stackedRows(pen, rows);
}

type TextRow = { readonly verdict: Verdict; readonly cells: readonly string[] };

/** Each finding with its figures below it: for a terminal in which no table has room. */
function stackedRows(pen: Pen, rows: readonly TextRow[]): string[] {
  return rows.flatMap(({ verdict, cells: [name = '', ...figures] }) => {
    const told = figures.flatMap((cell, at) => (cell === '' ? [] : [`    ${HEADS[at + 1]} ${cell}`]));
    return [...headed(pen, verdict, name), ...told];
  });
}

/** One table of all findings; undefined where it has no room. */
function tabled(pen: Pen, rows: readonly TextRow[]): string[] | undefined {
  const widths = HEADS.map((name, at) => Math.max(name.length, ...rows.map(({ cells }) => cells[at]?.length ?? 0)));
  const [widest = 0, measured = 0, limit = 0, ground = 0] = widths;
  const markWidth = pen.color ? 1 : 6;
  const name = Math.min(widest, pen.width - markWidth - measured - limit - ground - 8);
  if (name < Math.min(widest, LEAST_NAME)) return undefined;
  const line = (cells: readonly string[]): string =>
    `${squeezed(cells[0] ?? '', name)}  ${(cells[1] ?? '').padStart(measured)}  ${(cells[2] ?? '').padStart(limit)}  ${(cells[3] ?? '').padStart(ground)}`;
  return [
    inked(pen, 'dim', `${' '.repeat(markWidth)}  ${line(HEADS)}`),
    ...rows.map(({ verdict, cells }) => `${mark(pen, verdict)}  ${line(cells)}`),
  ];
}
