import { plainPunctuation, terminalText } from '../../report/escape.ts';
import { formatNumber, percentText } from '../../report/format.ts';
import { md, row, textOf, upTo } from '../../report/md.ts';
import type { Errors, Interval } from '../recorded-run.ts';
import type { Change, Fails } from './changes.ts';
import type { Comparison, ScenarioChange } from './compare.ts';

const CHANGE_WORDS: Readonly<Record<Change, string>> = {
  worse: 'WORSE',
  better: 'better',
  same: 'no difference shown',
  open: 'NOT DECIDED',
  unknown: 'too few runs to tell chance from change',
};

const seconds = (value: number): string => `${formatNumber(value, 2)} s`;

function spansText(spans: readonly Interval[]): string {
  if (spans.length === 0) return 'not measured';
  const lo = Math.min(...spans.map((span) => span.lo));
  const ends = spans.map(({ hi }) => hi);
  const open = ends.filter((hi) => hi === null).length;
  const most = Math.max(lo, ...ends.map((hi) => hi ?? 0));
  const known = most > lo ? `${seconds(lo)} to ${seconds(most)}` : seconds(lo);
  const censored = open === 0 ? '' : `, ${formatNumber(open, 0)} not known to have recovered`;
  return `${known}${censored} (n ${formatNumber(spans.length, 0)})`;
}

function differenceText({ lo, hi }: { lo: number | null; hi: number | null }): string {
  const signed = (value: number): string => `${value < 0 ? '-' : '+'}${seconds(Math.abs(value))}`;
  const from = lo === null ? 'any' : signed(lo);
  const isReal = (lo !== null && lo > 0) || (hi !== null && hi < 0);
  const said = isReal ? 'more than the measurement leaves open' : 'within what the measurement leaves open';
  return `${from} to ${hi === null ? 'any' : signed(hi)}, ${said} in these two runs`;
}

/** `+0.1 to +0.4 points` */
function pointsText({ lo, hi }: { lo: number; hi: number }): string {
  const signed = (value: number): string => `${value < 0 ? '-' : '+'}${formatNumber(Math.abs(value) * 100, 1)}`;
  return `${signed(lo)} to ${signed(hi)} points`;
}

const failsText = ({ hits, n }: Fails): string => (n === 0 ? 'not decided' : `${hits} of ${n} fail`);

function errorsText({ bad, all }: Errors): string {
  return all === 0
    ? 'none counted'
    : `${formatNumber(bad, 0)} of ${formatNumber(all, 0)} bad, ${percentText(bad / all)}`;
}

/** One line of a comparison. */
type Row = { readonly what: string; readonly a: string; readonly b: string; readonly change: string };

function outcomesText(runs: ScenarioChange['runs']['a']): string {
  const counts = Map.groupBy(runs, ({ outcome }) => outcome);
  return [...counts].map(([outcome, own]) => `${own.length} ${outcome}`).join(', ');
}

function rowsOf(of: ScenarioChange): Row[] {
  const { fails, findings, recovery, errors, shares, configuration, runs } = of;
  return [
    { what: 'runs', a: outcomesText(runs.a), b: outcomesText(runs.b), change: '' },
    { what: 'verdicts', a: failsText(fails.a), b: failsText(fails.b), change: CHANGE_WORDS[fails.change] },
    ...findings.map(({ id, a, b, change }) => ({
      what: id,
      a: failsText(a),
      b: failsText(b),
      change: CHANGE_WORDS[change],
    })),
    {
      what: 'recovery',
      a: spansText(recovery.a),
      b: spansText(recovery.b),
      change: `${CHANGE_WORDS[recovery.change]}${recovery.difference === undefined ? '' : `; ${differenceText(recovery.difference)}`}`,
    },
    {
      what: 'errors',
      a: errorsText(errors.a),
      b: errorsText(errors.b),
      change: `${CHANGE_WORDS[errors.change]}${errors.difference === undefined ? '' : `; ${pointsText(errors.difference)}`}`,
    },
    ...shares.map(({ id, a, b, differs, difference }) => ({
      what: id,
      a: percentText(a.hits / a.n),
      b: percentText(b.hits / b.n),
      change: `${pointsText(difference)}, ${differs ? 'differs' : 'no difference shown'}`,
    })),
    ...configuration.map(({ what, a, b }) => ({ what, a, b, change: 'changed' })),
  ];
}

/** The one reason. */
function reasonOf({ scenarios, change, missing }: Comparison): string {
  if (scenarios.length === 0) return 'no scenario has runs on both sides';
  if (change === 'open' && scenarios.every((one) => one.change !== 'open'))
    return `not run now: ${missing.b.join(', ')}`;
  const worst = scenarios.find((one) => one.change === change);
  const row = worst && rowsOf(worst).find((one) => one.change.startsWith(CHANGE_WORDS[change]));
  return row === undefined ? CHANGE_WORDS[change] : `${row.what}: ${row.a} before, ${row.b} now`;
}

/** The comparison for a terminal or a log. */
export function renderComparison(comparison: Comparison): string {
  const { scenarios, missing, change, exitCode } = comparison;
  const text = (value: string, most = 300): string => plainPunctuation(terminalText(value, most));
  const lines = [
    ...scenarios.flatMap((one) => [
      text(one.scenario, 120),
      ...rowsOf(one).flatMap(({ what, a, b, change: said }) => [
        `  ${text(what, 160)}${said === '' ? '' : `: ${text(said)}`}`,
        `      before ${text(a)}`,
        `      now    ${text(b)}`,
      ]),
    ]),
    ...missing.b.map((name) => `only before: ${text(name)}`),
    ...missing.a.map((name) => `only now: ${text(name)}`),
    `faultline compare=${change} exit=${exitCode} reason="${text(reasonOf(comparison)).replace(/[\\"]/g, '\\$&')}"`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The comparison as GitHub Flavored Markdown for a job summary. */
export function renderComparisonMarkdown(comparison: Comparison): string {
  const { scenarios, missing, change } = comparison;
  const lines = [
    md`## Comparison: **${CHANGE_WORDS[change]}**`,
    md``,
    md`${upTo(500, reasonOf(comparison))}.`,
    md``,
    ...scenarios.flatMap((one) => [
      md`### ${upTo(120, one.scenario)}`,
      md``,
      md`| | Before | Now | |`,
      md`| --- | --- | --- | --- |`,
      ...rowsOf(one).map(({ what, a, b, change: said }) => row(upTo(160, what), a, b, said)),
      md``,
    ]),
    ...missing.b.map((name) => md`- only before: ${name}`),
    ...missing.a.map((name) => md`- only now: ${name}`),
  ];
  return `${textOf(lines).trimEnd()}\n`;
}
