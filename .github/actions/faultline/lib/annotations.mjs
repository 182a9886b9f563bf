/** Where in a scenario file stands what a finding is about. */
import { relative, resolve } from 'node:path';

/** @typedef {import('./commands.mjs').Annotation} Annotation */
/** @typedef {import('./runs.mjs').Run} Run */
/** @typedef {import('./runs.mjs').Finding} Finding */

/** The runner keeps ten of each level a step. */
const MOST = 10;

/**
 * The line of an objective's key below `expect`, of the name of a fault, or of `expect`; 1 where the file has none of them.
 *
 * @param {string} text
 * @param {Pick<Finding, 'objective' | 'subject'>} finding
 */
export function lineOf(text, { objective, subject }) {
  const lines = text.split(/\r?\n/);
  const from = lines.findIndex((line) => /^\s*expect\s*:/.test(line));
  /** @param {(line: string) => boolean} is */
  const below = (is) => lines.findIndex((line, index) => index >= from && is(line));
  const key = from < 0 ? -1 : below((line) => keysOf(line).includes(objective));
  const named = lines.findIndex((line) => nameIn(line) === subject);
  return 1 + ([key, named, from].find((index) => index >= 0) ?? 0);
}

/** @param {string} line */
function keysOf(line) {
  return [...line.replace(/#.*$/, '').matchAll(/(?:^|[\s{,-])([A-Za-z]\w*)\s*:/g)].map(([, key]) => key);
}

/** @param {string} line */
function nameIn(line) {
  return /(?:^|[\s{-])name\s*:\s*["']?([^"'#,}\s]+)/.exec(line)?.[1];
}

/**
 * @param {Run} run
 * @returns {Annotation[]}
 */
function annotationsOf({ result }) {
  if (result === undefined) return [];
  const { source, name } = result.run.scenario;
  const place = source === undefined ? {} : { file: relative(process.cwd(), resolve(source.file)) };
  const findings = result.findings.filter(({ verdict }) => verdict !== 'pass');
  /** @type {Annotation[]} */
  const of = findings.map((finding) => ({
    level: finding.verdict === 'fail' ? 'error' : 'warning',
    title: `${name}: ${finding.title}`,
    message: finding.story,
    ...place,
    ...(source === undefined ? {} : { line: lineOf(source.text, finding) }),
  }));
  if (result.exitCode !== 5) return of;
  return [
    { level: 'error', title: `${name}: NOT everything is put back`, message: result.putBack.detail, ...place },
    ...of,
  ];
}

/**
 * As many as the runner shows, and how many more there are. Where the step has passed, they are notices: what failed was
 * expected to, or let pass by the gate.
 *
 * @param {readonly Run[]} runs
 * @param {boolean} passed
 * @returns {Annotation[]}
 */
export function annotations(runs, passed) {
  const all = runs.flatMap(annotationsOf);
  const told = passed ? all.map((one) => ({ ...one, level: /** @type {const} */ ('notice') })) : all;
  const levels = [...Map.groupBy(told, ({ level }) => level)];
  return levels.flatMap(([level, some]) => {
    if (some.length <= MOST) return some;
    const left = some.length - (MOST - 1);
    return [...some.slice(0, MOST - 1), { level, title: `${left} more`, message: 'See the summary of this job.' }];
  });
}
