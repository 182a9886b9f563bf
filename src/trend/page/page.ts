import { createHash } from 'node:crypto';
import { oneLine } from '../../report/escape.ts';
import { formatNumber, percentText } from '../../report/format.ts';
import { type Html, html, joined, type Part, trusted } from '../../report/html.ts';
import { STYLE } from '../../report/style.ts';
import { type Cell, table } from '../../report/view.ts';
import type { FoundRuns } from '../gate/found.ts';
import type { Interval, RecordedRun, RunOutcome } from '../recorded-run.ts';
import { outcomeChart, recoveryChart } from './charts.ts';
import { type Rate, type Trend, trendOf } from './summary.ts';

/** Where the report of a run stands, seen from the page; undefined where there is none. */
type LinkOf = (run: RecordedRun) => string | undefined;

const OUTCOMES: Readonly<Record<RunOutcome, { readonly word: string; readonly shape: string; readonly look: string }>> =
  {
    pass: { word: 'PASS', shape: '✓', look: 'v-pass' },
    fail: { word: 'FAIL', shape: '✗', look: 'v-fail' },
    inconclusive: { word: 'INCONCLUSIVE', shape: '?', look: 'v-inconclusive' },
    'not-tested': { word: 'NOT TESTED', shape: '○', look: 'muted' },
    error: { word: 'ERROR', shape: '!', look: 'v-fail' },
  };

function mark(outcome: RunOutcome): Html {
  const { word, shape, look } = OUTCOMES[outcome];
  return html`<strong class="v ${look}"><span aria-hidden="true">${shape}</span> ${word}</strong>`;
}

/** `96.6% (57 of 59), 88.3% to 99.6%` */
function rateText({ hits, n, lo, hi }: Rate): string {
  if (n === 0) return 'none of 0';
  return `${percentText(hits / n)} (${formatNumber(hits, 0)} of ${formatNumber(n, 0)}), ${percentText(lo)} to ${percentText(hi)}`;
}

function spanText(span: Interval | undefined): string {
  if (span === undefined) return 'not measured';
  const lo = formatNumber(span.lo, 2);
  if (span.hi === null) return `more than ${lo} s`;
  const hi = formatNumber(span.hi, 2);
  return lo === hi ? `${hi} s` : `${lo} to ${hi} s`;
}

const dateOf = (startedAt: string): string => oneLine(startedAt.replace('T', ' ').replace(/\.\d+Z$/, 'Z'), 40);

/** So many runs are drawn and listed, all groups together: the page stays small, and the rest is in the JSON. */
const MOST_RUNS = 1000;
const LEAST_OF_GROUP = 10;
const MOST_ROWS = 20;

function runRow(run: RecordedRun, linkOf: LinkOf): readonly Cell[] {
  const link = linkOf(run);
  const id = oneLine(run.runId, 60);
  const { errors } = run;
  return [
    { head: link === undefined ? id : html`<a href="${link}">${id}</a>` },
    dateOf(run.startedAt),
    mark(run.outcome),
    { num: spanText(run.recovery) },
    { num: errors === undefined ? 'none' : `${formatNumber(errors.bad, 0)} of ${formatNumber(errors.all, 0)}` },
    oneLine(run.reason, 160),
  ];
}

function turnList(trend: Trend, shown: readonly RecordedRun[]): Html {
  const from = trend.runs.length - shown.length;
  const rows = trend.turns.filter(({ at }) => at > from);
  if (rows.length === 0) return html`<p class="none">No version and no scenario file changed.</p>`;
  const items = rows
    .slice(0, MOST_ROWS)
    .map(
      ({ at, changes }) =>
        html`<li>${dateOf(trend.runs[at]?.startedAt ?? '')}: ${oneLine(changes.join(', '), 300)}</li>`,
    );
  const more = rows.length > MOST_ROWS ? html`<p>and ${rows.length - MOST_ROWS} more, in history.json</p>` : '';
  return html`<ol>${items}</ol>${more}`;
}

function failing({ failing: rows }: Trend, name: string): Html {
  if (rows.length === 0) return html`<p class="none">No finding has failed.</p>`;
  return table({
    caption: `Findings of ${name} that have failed, with 95 % intervals`,
    columns: ['Finding', 'Failed', 'Last'],
    rows: rows
      .slice(0, MOST_ROWS)
      .map(({ id, rate, last }) => [{ head: oneLine(id, 120) }, { num: rateText(rate) }, dateOf(last)]),
  });
}

function groupSection(trend: Trend, at: number, most: number, linkOf: LinkOf): Html {
  const { scenario, target, runs, passRate, flakes, turns } = trend;
  const shown = runs.slice(-most);
  const from = runs.length - shown.length;
  const shownTurns = turns.filter((turn) => turn.at > from).map((turn) => ({ ...turn, at: turn.at - from }));
  const id = `group-${at + 1}`;
  const name = `${oneLine(scenario, 120)} on ${oneLine(target.name, 80)}`;
  const said = `Pass rate ${rateText(passRate)}; ${rateText(flakes)} of runs flaked.`;
  const less =
    from === 0
      ? ''
      : html`<p class="warn">The last ${formatNumber(shown.length, 0)} of ${formatNumber(runs.length, 0)} runs are shown; history.json has all.</p>`;
  const measured = shown.some(({ recovery }) => recovery !== undefined);
  return html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h"><a class="self" href="#${id}">${oneLine(scenario, 120)}</a> on ${oneLine(target.name, 80)}</h2><p class="lead">${said}</p>${less}<div class="chart">${outcomeChart(`${id}-o`, shown, shownTurns, said)}</div><p class="sub">Height and colour: pass low, inconclusive higher, error and fail highest, not tested a dot. Dotted lines: a version or the scenario file changed.</p>${
    measured
      ? html`<div class="chart">${recoveryChart(`${id}-r`, shown, shownTurns, 'The longest recovery of each run, as an interval; hollow up to the top where it had not recovered.')}</div>`
      : ''
  }<h3>What changed</h3>${turnList(trend, shown)}<h3>What failed</h3>${failing(trend, name)}<h3>Runs</h3>${table({
    caption: `Runs of ${name}, newest first`,
    columns: ['Run', 'Started, UTC', 'Outcome', 'Recovery', 'Bad requests', 'Reason'],
    rows: shown.toReversed().map((run) => runRow(run, linkOf)),
    stacks: true,
  })}</section>`;
}

function overview(trends: readonly Trend[], sections: ReadonlyMap<Trend, Html>): Html {
  return table({
    caption: 'Scenarios, with 95 % intervals',
    columns: ['Scenario', 'Target', 'Runs', 'Last', 'Pass rate', 'Flake rate', 'Last recovery'],
    rows: trends.map((trend, at) => {
      const { scenario, target, runs, passRate, flakes } = trend;
      const last = runs.at(-1) as RecordedRun;
      const name = oneLine(scenario, 120);
      return [
        { head: sections.has(trend) ? html`<a href="#group-${at + 1}">${name}</a>` : name },
        oneLine(target.name, 80),
        { num: formatNumber(runs.length, 0) },
        mark(last.outcome),
        { num: rateText(passRate) },
        { num: rateText(flakes) },
        { num: spanText(last.recovery) },
      ];
    }),
    stacks: true,
  });
}

/** Bytes of all scenarios together. */
const MOST_BYTES = 1_200_000;
const MOST_SCENARIOS = 500;

/** The sections that have room, those with the newest runs first; the others stand in the overview. */
function fitting(trends: readonly Trend[], sectionOf: (trend: Trend) => Html): ReadonlyMap<Trend, Html> {
  const fits = new Map<Trend, Html>();
  let room = MOST_BYTES;
  for (const trend of newestFirst(trends)) {
    const section = sectionOf(trend);
    room -= Buffer.byteLength(section.text);
    if (room < 0) break;
    fits.set(trend, section);
  }
  return fits;
}

function newestFirst(trends: readonly Trend[]): Trend[] {
  const last = ({ runs }: Trend): string => runs.at(-1)?.startedAt ?? '';
  return trends.toSorted((a, b) => (last(a) > last(b) ? -1 : 1));
}

function leftOut(all: number, shown: number, what: string): Part {
  const text = `Of ${formatNumber(all, 0)} scenarios ${formatNumber(shown, 0)} are ${what}, those with the newest runs; history.json has all.`;
  return all === shown ? '' : html`<p class="warn">${text}</p>`;
}

function notices({ unreadable, repeated, leftBehind }: Omit<FoundRuns, 'runs'>): Html {
  const lines: readonly Part[] = [
    ...leftBehind.map((path) => `${oneLine(path)}: something is not put back`),
    ...unreadable.map(({ path, problem }) => `${oneLine(path)}: ${oneLine(problem)}`),
    ...repeated.map((path) => `${oneLine(path)}: found twice, counted once`),
  ];
  if (lines.length === 0) return html``;
  const shown = lines.slice(0, MOST_ROWS).map((line) => html`<li>${line}</li>`);
  const more = lines.length > MOST_ROWS ? html`<li>and ${lines.length - MOST_ROWS} more, in history.json</li>` : '';
  return html`<div class="warn"><p>Not in these figures, or to be known:</p><ul>${shown}${more}</ul></div>`;
}

function policy(): string {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

/** Many runs as one HTML file: no network, no script, readable without styles. The same runs always give the same bytes. */
export function renderHistory(found: FoundRuns, groups: readonly (readonly RecordedRun[])[], linkOf: LinkOf): string {
  const all = groups.map(trendOf);
  const newest = new Set(newestFirst(all).slice(0, MOST_SCENARIOS));
  const trends = all.filter((trend) => newest.has(trend));
  const isMany = found.runs.length > MOST_RUNS;
  const most = isMany ? Math.max(LEAST_OF_GROUP, Math.floor(MOST_RUNS / trends.length)) : MOST_RUNS;
  const count = formatNumber(found.runs.length, 0);
  const [first, last] = [found.runs[0], found.runs.at(-1)];
  const facts: readonly Part[] = [
    `${count} runs`,
    ...(first === undefined || last === undefined ? [] : [`${dateOf(first.startedAt)} to ${dateOf(last.startedAt)}`]),
  ];
  const sections = fitting(trends, (trend) => groupSection(trend, trends.indexOf(trend), most, linkOf));
  const shown = trends.flatMap((trend) => sections.get(trend) ?? []);
  const less = [
    leftOut(all.length, trends.length, 'listed'),
    leftOut(trends.length, shown.length, 'shown by themselves'),
  ];
  return html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${trusted(policy())}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><title>History of ${count} runs</title><style>${trusted(STYLE)}</style></head><body><a class="skip" href="#overview">Skip to the overview</a><header><p class="facts">${joined(facts, html` <span class="dot" aria-hidden="true">·</span> `)}</p></header><main><section id="overview" aria-labelledby="overview-h"><h1 id="overview-h">History of ${count} runs</h1><p class="lead">A flake is a run that ended otherwise than the one before it, with the same scenario file and versions.</p>${notices(found)}${less}${overview(trends, sections)}</section>${shown}</main><footer><p>Made by faultline from the result.json of each run. Beside this page: <a href="history.json">history.json</a>, <a href="badge.svg">badge.svg</a>.</p></footer></body></html>
`.text;
}
