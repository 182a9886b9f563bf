import { spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { bar, picture } from '../svg/paint.ts';
import type { View } from '../view.ts';
import { swatch } from './timeline.ts';

const STEPS = [
  ['fault acknowledged', 'T0', 'until the fault took effect', 'neutral'],
  ['T0', 'T1', 'until the first error', 'z01'],
  ['T1', 'T2', 'until the next place answered', 'fail'],
  ['T2', 'T3', 'until it held', 'bandEdge'],
] as const;

/** Where the time between the fault and the recovery went. */
export function breakdown(view: View): Html {
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
