import { formatNumber } from '../../report/format.ts';
import { type Html, html } from '../../report/html.ts';
import { type Ink, PALETTE } from '../../report/palette.ts';
import { fill, label, pct, picture, stretched, stroke, upright } from '../../report/svg/paint.ts';
import { niceTop } from '../../report/svg/scale.ts';
import type { RecordedRun, RunOutcome } from '../recorded-run.ts';
import { movingRate, type Turn, WINDOW } from './summary.ts';

/** Colour and height of a run's mark: no outcome is told by its colour alone. */
const MARKS: Readonly<Record<RunOutcome, { readonly ink: Ink; readonly height: number }>> = {
  pass: { ink: 'pass', height: 10 },
  fail: { ink: 'fail', height: 30 },
  inconclusive: { ink: 'inconclusive', height: 20 },
  'not-tested': { ink: 'neutral', height: 4 },
  error: { ink: 'text', height: 26 },
};

const TRACK = 34;
const PLOT = 110;
const TITLE = 20;

/** What stands where: the middle of each run's column, in percent. */
const middle = (at: number, n: number): number => ((at + 0.5) / n) * 100;

/** So many turns carry a number. */
const MOST_NUMBERS = 12;

function turnLines(turns: readonly Turn[], n: number, top: number, bottom: number): Html {
  const lines = turns.map(({ at }, index) => {
    const x = (at / n) * 100;
    const number =
      index < MOST_NUMBERS
        ? label(x, bottom - 6, String(index + 1), { ink: 'muted', dx: 3, size: 11, halo: true })
        : '';
    return html`${upright(x, top, bottom, 'guide', { dash: '2 3' })}${number}`;
  });
  return html`${lines}`;
}

function outcomeTrack(runs: readonly RecordedRun[], top: number): Html {
  const width = Math.max(0.08, (100 / runs.length) * 0.8);
  const marks = runs.map(({ outcome }, at) => {
    const { ink, height } = MARKS[outcome];
    const x = middle(at, runs.length) - width / 2;
    return html`<rect x="${pct(x)}" y="${top + TRACK - height}" width="${pct(width)}" height="${height}" ${fill(ink)}/>`;
  });
  return html`${marks}`;
}

function rateBand(runs: readonly RecordedRun[], top: number): Html {
  const rates = movingRate(runs);
  const y = (share: number): string => String(Number((PLOT * (1 - share)).toFixed(1)));
  const along = (of: (at: number) => number): string => rates.map((_, at) => `${at + 0.5} ${y(of(at))}`).join(' L');
  const upper = along((at) => rates[at]?.hi ?? 1);
  const lower = rates
    .map(({ lo }, at) => `${at + 0.5} ${y(lo)}`)
    .reverse()
    .join(' L');
  const line = along((at) => ((rates[at]?.n ?? 0) === 0 ? 0 : (rates[at]?.hits ?? 0) / (rates[at]?.n ?? 1)));
  const band = html`<path d="M${upper} L${lower} Z" ${fill('phaseA')}/><path d="M${line}" vector-effect="non-scaling-stroke" ${stroke('text', 2)}/>`;
  return stretched(runs.length, top, PLOT, band);
}

/** How the runs ended, and the moving pass rate under it. */
export function outcomeChart(id: string, runs: readonly RecordedRun[], turns: readonly Turn[], desc: string): Html {
  const plot = TITLE + TRACK + TITLE;
  const height = plot + PLOT + 6;
  const ruled = [0, 0.5, 1].map((share) => {
    const y = plot + PLOT * (1 - share);
    return html`<line x1="0%" x2="100%" y1="${y}" y2="${y}" ${stroke('grid')}/>`;
  });
  const body = html`${outcomeTrack(runs, TITLE)}${ruled}${rateBand(runs, plot)}${turnLines(turns, runs.length, TITLE, height)}${label(0, 14, 'outcome of each run, oldest first', { ink: 'muted' })}${label(0, plot - 6, `pass rate of the last ${WINDOW} decided runs, 0 to 100 %, with its 95 % interval`, { ink: 'muted', halo: true })}`;
  return picture({ id, title: 'Outcomes and pass rate', desc, height }, body);
}

/** The recovery of each run as an interval, against what the scenario promises. */
export function recoveryChart(id: string, runs: readonly RecordedRun[], turns: readonly Turn[], desc: string): Html {
  const within = runs.findLast(({ recoveryWithin }) => recoveryWithin !== undefined)?.recoveryWithin;
  const ends = runs.map(({ recovery }) => recovery?.hi ?? recovery?.lo ?? 0);
  const top = niceTop(Math.max(within ?? 0, ...ends) * 1.05);
  const y = (value: number): number => TITLE + PLOT * (1 - Math.min(1, value / top));
  const width = Math.max(0.1, (100 / runs.length) * 0.6);
  const marks = runs.map(({ recovery, outcome }, at) => {
    if (recovery === undefined) return '';
    const [lower, upper] = [y(recovery.lo), recovery.hi === null ? TITLE : y(recovery.hi)];
    const size = Math.max(3, lower - upper);
    const { ink } = MARKS[outcome];
    const x = middle(at, runs.length) - width / 2;
    const isOpen = recovery.hi === null;
    const look = isOpen ? html`class="f-bg s-${ink}" fill="${PALETTE.bg[0]}" stroke="${PALETTE[ink][0]}"` : fill(ink);
    return html`<rect x="${pct(x)}" y="${Number((lower - size).toFixed(1))}" width="${pct(width)}" height="${Number(size.toFixed(1))}" ${look}/>`;
  });
  const line =
    within === undefined
      ? ''
      : html`<line x1="0%" x2="100%" y1="${Number(y(within).toFixed(1))}" y2="${Number(y(within).toFixed(1))}" stroke-dasharray="6 3" ${stroke('bandEdge', 2)}/>`;
  const words = within === undefined ? '' : `; dashed: promised within ${formatNumber(within, 3)} s`;
  const bottom = TITLE + PLOT;
  const body = html`<line x1="0%" x2="100%" y1="${bottom}" y2="${bottom}" ${stroke('grid')}/>${marks}${line}${turnLines(turns, runs.length, TITLE, bottom)}${label(0, 14, `recovery of each run, 0 to ${formatNumber(top, 2)} s${words}`, { ink: 'muted', halo: true })}`;
  return picture({ id, title: 'Recovery', desc, height: bottom + 6 }, body);
}
