/** The summary of the job: a table of the runs, then each run's own summary as far as there is room. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** @typedef {import('./runs.mjs').Run} Run */

/** The runner refuses the whole summary of a step above 1 MiB. */
const MOST_BYTES = 900 * 1024;
const MOST_ROWS = 500;

/** @param {string} text */
function cell(text) {
  const one = text.replace(/\s+/g, ' ').slice(0, 300);
  return one.replace(/[\\`*_{}[\]()#+!|<>&~@]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** @param {Run} run */
function row({ folder, result }) {
  if (result === undefined) return `| | \`${basename(folder)}\` | no result: the run has not come to its end | |`;
  const { run, verdict, reason, putBack, exitCode } = result;
  const back = `${cell(putBack.state)} (exit code ${exitCode})`;
  return `| ${cell(run.scenario.name)} | \`${basename(folder)}\` | **${cell(verdict)}**: ${cell(reason)} | ${back} |`;
}

/**
 * @param {readonly Run[]} runs
 * @param {{ verdict: string, gate?: string, series?: readonly string[] }} said `gate`: what it has printed; `series`: folders of series
 * @returns {string} Markdown of at most 900 KiB
 */
export function summary(runs, { verdict, gate = '', series = [] }) {
  const rows = runs.slice(0, MOST_ROWS).map(row);
  const more = runs.length > MOST_ROWS ? [`\n${runs.length - MOST_ROWS} more runs are in the run folders.`] : [];
  const table = ['| Scenario | Run | Verdict | Put back |', '| --- | --- | --- | --- |', ...rows, ...more].join('\n');
  const shown = gate.slice(0, 20_000).trimEnd();
  const said =
    shown === ''
      ? ''
      : `\n${shown
          .split(/\r?\n/)
          .map((line) => `    ${line}`)
          .join('\n')}\n`;
  const head = `## faultline: ${cell(verdict)}\n\n${runs.length === 0 ? 'No run was begun.' : table}\n${said}`;
  return withDetails(head, [...series, ...runs.map(({ folder }) => folder)]);
}

/**
 * @param {string} head
 * @param {readonly string[]} folders
 */
function withDetails(head, folders) {
  const texts = folders.flatMap(readSummary);
  let left = MOST_BYTES - Buffer.byteLength(head) - 200;
  const kept = texts.filter((text) => {
    const bytes = Buffer.byteLength(text) + 2;
    const fits = bytes <= left;
    left = fits ? left - bytes : 0;
    return fits;
  });
  const out = texts.length - kept.length;
  const note = out === 0 ? '' : `\n${out} summaries of runs have no room here; they are in the run folders.\n`;
  return `${head}${kept.map((text) => `\n${text}\n`).join('')}${note}`;
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function readSummary(folder) {
  try {
    return [readFileSync(join(folder, 'summary.md'), 'utf8')];
  } catch {
    return [];
  }
}
