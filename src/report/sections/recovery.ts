import type { Bound, Measured, Verdict } from '../../model/finding.ts';
import type { Recovery } from '../../model/result.ts';
import { oneLine } from '../escape.ts';
import { boundText, countText, formatNumber, marginText, measuredText, spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { type Bullet, bulletAxis, bulletGauge, bulletTop } from '../svg/bullet.ts';
import { bar, picture } from '../svg/paint.ts';
import { dataBehind, linkTo, moment, section, type View, verdictMark } from '../view.ts';
import { RECOVERY_WORDS } from '../words.ts';
import { swatch } from './timeline.ts';

const SECOND = 1_000_000;

type Row = { readonly recovery: Recovery; readonly bullet: Bullet; readonly words: string; readonly margin: string };

function ownMeasure({ recovered, acknowledged }: Recovery): Measured | undefined {
  if (recovered === undefined) return undefined;
  const since = (at: number): number => (at - acknowledged) / SECOND;
  return { lo: since(recovered.lo), hi: recovered.hi === null ? null : since(recovered.hi), unit: 's' };
}

function declaredBound(view: View): Bound | undefined {
  const objective = view.result.run.scenario.expect.recoveryTime;
  return objective && { op: '<=', value: objective.withinMs / 1000, unit: 's' };
}

function rowOf(view: View, recovery: Recovery): Row {
  const finding = recovery.finding === undefined ? undefined : view.findings.get(recovery.finding);
  const measured = finding?.measured?.unit === 's' ? finding.measured : ownMeasure(recovery);
  const target = finding?.target?.unit === 's' ? finding.target : declaredBound(view);
  const verdict: Verdict = finding?.verdict ?? (recovery.state === 'not-impacted' ? 'pass' : 'inconclusive');
  const bullet = {
    lo: measured?.lo ?? 0,
    hi: measured === undefined ? 0 : measured.hi,
    target: target?.value,
    verdict,
  };
  if (measured === undefined) return { recovery, bullet, words: RECOVERY_WORDS[recovery.state], margin: '' };
  const words = `${measuredText(measured, target)}, target ${boundText(target)}`;
  return { recovery, bullet, words, margin: target === undefined ? '' : marginText({ measured, target }) };
}

function gauge(view: View, row: Row, index: number, top: number): Html {
  const { recovery } = row;
  const path = oneLine(recovery.path, 90);
  const calm = recovery.state === 'not-impacted';
  const flaps = recovery.flaps > 0 ? `, bad again ${countText(recovery.flaps, 'time')}` : '';
  const picture = calm
    ? html`<p class="calm">never bad</p>`
    : bulletGauge({ id: `ui-rec-${index}`, title: `Recovery time of ${path}`, desc: row.words }, row.bullet, top);
  return html`<li><div class="gauge-name"><b>${recovery.finding === undefined ? path : linkTo(view, recovery.finding, path)}</b><span class="sub">stage ${recovery.stage}, ${countText(recovery.bad, 'bad request')} of ${formatNumber(recovery.total, 0)}${flaps}</span></div><div class="gauge-bar">${picture}</div><div class="gauge-words">${calm ? html`not impacted` : html`<b>${row.words}</b>`}${row.margin === '' ? '' : html`<span class="sub">${row.margin}</span>`}</div></li>`;
}

const STEPS = [
  ['fault acknowledged', 'T0', 'until the fault took effect', 'neutral'],
  ['T0', 'T1', 'until the first error', 'z01'],
  ['T1', 'T2', 'until the next place answered', 'fail'],
  ['T2', 'T3', 'until it held', 'bandEdge'],
] as const;

function breakdown(view: View): Html {
  const at = new Map<string, number>(view.result.guides.map((guide) => [guide.id, guide.at]));
  const acknowledged = view.result.recoveries.find(({ state }) => state === 'recovered')?.acknowledged;
  if (acknowledged !== undefined) at.set('fault acknowledged', acknowledged);
  const afterError = at.has('T2') ? 'T2' : 'T1';
  const parts = STEPS.flatMap(([from, to, words, ink]) => {
    const [start, end] = [at.get(from === 'T2' ? afterError : from), at.get(to)];
    if (start === undefined || end === undefined || end < start) return [];
    return [{ name: `${from === 'T2' ? afterError : from} to ${to}`, words, ink, span: end - start }];
  });
  const whole = parts.reduce((sum, { span }) => sum + span, 0);
  if (whole === 0) return html``;
  let x = 0;
  const bars = parts.map(({ span, ink }) => {
    const from = x;
    x += (span / whole) * 100;
    return html`${bar(from, x, 2, 14, ink)}`;
  });
  const desc = parts.map(({ name, words, span }) => `${name}, ${words}: ${spanText(span)}`).join('; ');
  return html`<h3>Where the time went</h3>${picture({ id: 'ui-pic-parts', title: 'Parts of the recovery after T0', desc, height: 18 }, html`${bars}`)}<ul class="parts">${parts.map(
    ({ name, words, span, ink }) =>
      html`<li>${swatch(ink)}<b>${spanText(span)}</b> ${words} <span class="sub">${name}</span></li>`,
  )}</ul>`;
}

function definition(view: View): string {
  const objective = view.result.run.scenario.expect.recoveryTime;
  const held =
    objective === undefined
      ? 'No target was declared.'
      : `Recovered means ${formatNumber(objective.consecutive, 0)} good requests in a row over at least ${formatNumber(objective.lastingMs / 1000, 3)} s; target ${formatNumber(objective.withinMs / 1000, 3)} s.`;
  return `Per path, from T0, when the fault took effect, to the first good request that held. ${held} Solid: not recovered yet; hollow: the interval in which it recovered; upright line: target.`;
}

/** How long each path was out, as an interval against the target. */
export function recoverySection(view: View): Html {
  const rows = view.result.recoveries.map((recovery) => rowOf(view, recovery));
  if (rows.length === 0) {
    return section(
      'recovery',
      'Recovery time',
      definition(view),
      html`<p class="none">No recovery was measured: no fault was on, or there were no requests.</p>`,
    );
  }
  const top = bulletTop(rows.map(({ bullet }) => bullet));
  const data = dataBehind({
    caption: 'recovery of each path',
    columns: ['Path', 'Verdict', 'State', 'Acknowledged', 'First bad', 'Recovered', 'Out for', 'Bad', 'n'],
    rows: rows.map(({ recovery, bullet }) => [
      { head: oneLine(recovery.path, 90) },
      recovery.finding === undefined ? 'no target' : verdictMark(bullet.verdict),
      RECOVERY_WORDS[recovery.state],
      moment(view, recovery.acknowledged),
      recovery.firstBad === undefined ? 'never' : moment(view, recovery.firstBad),
      recovery.recovered === undefined
        ? 'does not apply'
        : view.time.range(recovery.recovered.lo, recovery.recovered.hi),
      { num: spanText(recovery.badTime) },
      { num: formatNumber(recovery.bad, 0) },
      { num: formatNumber(recovery.total, 0) },
    ]),
  });
  return section(
    'recovery',
    'Recovery time',
    definition(view),
    html`<ul class="gauges">${rows.map((row, index) => gauge(view, row, index, top))}<li class="ruler"><div></div><div class="gauge-bar">${bulletAxis(top, ' s')}</div><div></div></li></ul>${breakdown(view)}${data}`,
  );
}
