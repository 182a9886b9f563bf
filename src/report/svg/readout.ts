import type { Micros } from '../../model/units.ts';
import { oneLine } from '../escape.ts';
import { type Html, html } from '../html.ts';
import { finite } from './scale.ts';

/** What a chart says at a moment: values in equal columns, for each thing that it shows. */
export type Readout = {
  /** Where the columns begin, and how long each lasts. */
  readonly start: Micros;
  readonly step: Micros;
  /** As it follows a number: ` ms`. */
  readonly unit?: string;
  /** Rows of several groups are shown as a table, a group in each column, and without what is 0. */
  readonly rows: readonly {
    readonly group?: string;
    readonly name: string;
    readonly values: readonly (number | null)[];
  }[];
};

function word(text: string): string {
  return oneLine(text, 40).replace(/[;|]/g, ' ');
}

function number(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '';
  return String(Number(Math.abs(value) < 0.1 ? value.toPrecision(2) : value.toFixed(2)));
}

/** `4*37,5`: four in 37 columns, then five. */
function inRuns(values: readonly (number | null)[]): string {
  const runs: { readonly text: string; count: number }[] = [];
  for (const text of values.map(number)) {
    const last = runs.at(-1);
    if (last?.text === text) last.count += 1;
    else runs.push({ text, count: 1 });
  }
  return runs.map(({ text, count }) => (count === 1 ? text : `${text}*${count}`)).join(',');
}

/** A readout as attributes of its chart, for the script of the page. */
export function readoutAttributes({ start, step, unit = '', rows }: Readout): Html {
  const told = rows
    .filter(({ group, values }) => values.some((value) => value !== null && (value !== 0 || group === undefined)))
    .map(({ group = '', name, values }) => `${word(group)}|${word(name)}|${inRuns(values)}`);
  return html` data-at="${finite(start)} ${finite(step)}" data-unit="${unit}" data-rows="${told.join(';')}"`;
}
