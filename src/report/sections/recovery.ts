import { oneLine } from '../escape.ts';
import { countText, formatNumber, spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { shortlist } from '../shortlist.ts';
import { bulletAxis, bulletGauge, bulletTop } from '../svg/bullet.ts';
import { dataBehind, linkTo, moment, section, type View, verdictMark } from '../view.ts';
import { RECOVERY_WORDS } from '../words.ts';
import { breakdown } from './recovery-parts.ts';
import { type Row, rowOf, weightOf } from './recovery-row.ts';
import { wayHome } from './way-home.ts';

function counts({ recovery }: Row): string {
  const doubtful = recovery.doubtful > 0 ? `, ${formatNumber(recovery.doubtful, 0)} of them doubtful` : '';
  const flaps = recovery.flaps > 0 ? `, bad again ${countText(recovery.flaps, 'time')}` : '';
  return `stage ${formatNumber(recovery.stage, 0)}, ${countText(recovery.bad, 'bad request')} of ${formatNumber(recovery.total, 0)}${doubtful}${flaps}`;
}

function gauge(view: View, row: Row, index: number, top: number): Html {
  const { recovery } = row;
  const path = oneLine(recovery.path, 90);
  const calm = recovery.state === 'not-impacted';
  const desc = [row.late, row.long, row.against].filter((text) => text !== '').join(', ');
  const picture = calm
    ? html`<p class="calm">${recovery.bad === 0 ? 'never bad' : 'noise only'}</p>`
    : bulletGauge({ id: `ui-rec-${index}`, title: `Recovery time of ${path}`, desc }, row.bullet, top);
  const words = calm
    ? html`not impacted`
    : html`<b>${row.late}</b>${[row.long, row.against].map((text) => (text === '' ? '' : html`<span class="sub">${text}</span>`))}`;
  return html`<li><div class="gauge-name"><b>${recovery.finding === undefined ? path : linkTo(view, recovery.finding, path)}</b><span class="sub">${counts(row)}</span></div><div class="gauge-bar">${picture}</div><div class="gauge-words">${words}</div></li>`;
}

/** The rows without a picture, in one line: how many they are, and whether something was wrong with them. */
function restItem(rest: readonly Row[]): Html {
  if (rest.length === 0) return html``;
  const sum = (of: (row: Row) => number): number => rest.reduce((total, row) => total + of(row), 0);
  const wrong = sum(({ verdict, recovery }) => (verdict === 'pass' && recovery.bad === 0 ? 0 : 1));
  const bad = countText(
    sum(({ recovery }) => recovery.bad),
    'bad request',
  );
  const words =
    wrong === 0 ? 'never bad' : `${countText(wrong, 'of them', 'of them')} bad or not passing, see result.json`;
  return html`<li><div class="gauge-name"><b>${countText(rest.length, 'more row')}</b><span class="sub">${bad} of ${formatNumber(
    sum(({ recovery }) => recovery.total),
    0,
  )}</span></div><div class="gauge-bar"><p class="calm">${words}</p></div><div class="gauge-words"></div></li>`;
}

function zeroWords({ result: { zero, zeroFrom } }: View): string {
  if (zero === undefined || zeroFrom === undefined || !(zeroFrom < zero)) return '';
  return ` T0 is known to ${spanText(zero - zeroFrom)}: it lies between T0−${formatNumber((zero - zeroFrom) / 1e6, 3)} s, when the fault had not taken effect yet, and T0; the intervals include that.`;
}

function definition(view: View): string {
  const objective = view.result.run.scenario.expect.recoveryTime;
  const held =
    objective === undefined
      ? 'No limit was declared.'
      : `Recovered means ${formatNumber(objective.consecutive, 0)} good requests in a row over at least ${formatNumber(objective.lastingMs / 1000, 3)} s; limit ${formatNumber(objective.withinMs / 1000, 3)} s.`;
  return `Two figures for each path: how late, from T0, when the fault took effect, to the first good request that held; and how long, from the first bad request to that one. ${held}${zeroWords(view)} Solid: not recovered yet; hollow: the interval in which it recovered; upright line: limit.`;
}

function numbers(view: View, rows: readonly Row[]): Html {
  return dataBehind({
    caption: 'recovery of each path shown',
    columns: [
      'Path',
      'Verdict',
      'State',
      'Acknowledged',
      'First bad',
      'Recovered',
      'Out in all',
      'Bad',
      'Doubtful',
      'Requests',
    ],
    rows: rows.map(({ recovery, verdict }) => [
      { head: oneLine(recovery.path, 90) },
      recovery.finding === undefined ? 'no limit' : verdictMark(verdict),
      RECOVERY_WORDS[recovery.state],
      moment(view, recovery.acknowledged),
      recovery.firstBad === undefined ? 'never' : moment(view, recovery.firstBad),
      recovery.recovered === undefined
        ? 'does not apply'
        : view.time.range(recovery.recovered.lo, recovery.recovered.hi),
      { num: spanText(recovery.badTime) },
      { num: formatNumber(recovery.bad, 0) },
      { num: formatNumber(recovery.doubtful, 0) },
      { num: formatNumber(recovery.total, 0) },
    ]),
  });
}

/** How late and how long each path was out against the limit, and what failed on the way home. */
export function recoverySection(view: View): Html {
  const rows = view.result.recoveries.map((recovery) => rowOf(view, recovery));
  const { shown, rest } = shortlist(rows, weightOf);
  const top = bulletTop(shown.map(({ bullet }) => bullet));
  const drawn =
    rows.length === 0
      ? html`<p class="none">No recovery was measured: no fault was on, or there were no requests.</p>`
      : html`<ul class="gauges">${shown.map((row, index) => gauge(view, row, index, top))}${restItem(rest)}${
          shown.length === 0
            ? ''
            : html`<li class="ruler"><div></div><div class="gauge-bar">${bulletAxis(top, ' s')}</div><div></div></li>`
        }</ul>${breakdown(view)}${shown.length === 0 ? '' : numbers(view, shown)}`;
  return section('recovery', 'Recovery time', definition(view), html`${drawn}${wayHome(view)}`);
}
