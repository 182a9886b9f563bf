import type { Verdict } from '../../model/finding.ts';
import { type Html, html } from '../html.ts';
import { type Ink, PALETTE } from '../palette.ts';
import { bar, fill, label, type Picture, pct, picture, upright } from './paint.ts';
import { finite, niceTop, ruled } from './scale.ts';

/** One measured interval against its target, on a scale that several rows may share. */
export type Bullet = {
  readonly lo: number;
  /** Null when it was still going on. */
  readonly hi: number | null;
  readonly target: number | undefined;
  readonly verdict: Verdict;
};

const INK: Readonly<Record<Verdict, Ink>> = { pass: 'pass', fail: 'fail', inconclusive: 'inconclusive' };
const HEIGHT = 26;

/** A round upper end at which every interval and target of the rows has room. */
export function bulletTop(rows: readonly Bullet[]): number {
  const ends = rows.flatMap(({ lo, hi, target }) => [finite(lo), finite(hi ?? lo), finite(target)]);
  return niceTop(Math.max(0, ...ends) * 1.08);
}

/**
 * The bar is certain up to `lo`; between `lo` and `hi` lies the moment that could not be measured more closely, drawn
 * hollow. The upright line is the target.
 */
export function bulletGauge(about: Omit<Picture, 'height'>, row: Bullet, top: number): Html {
  const x = (value: number): number => finite((value / top) * 100);
  const ink = INK[row.verdict];
  const hi = row.hi ?? top;
  const open =
    row.hi === null
      ? label(100, 18, '→', { anchor: 'end', dx: -4, ink, size: 14 })
      : upright(Math.min(x(hi), 99.7), 5, HEIGHT - 5, ink, { width: 3 });
  const body = html`<rect width="100%" y="8" height="${HEIGHT - 16}" ${fill('phaseA')}/>${bar(0, x(row.lo), 8, HEIGHT - 16, ink)}<rect x="${pct(x(row.lo))}" width="${pct(x(hi) - x(row.lo))}" y="8" height="${HEIGHT - 16}" class="f-bg s-${ink}" fill="${PALETTE.bg[0]}" stroke="${PALETTE[ink][0]}" stroke-width="1.5"/>${open}${
    row.target === undefined ? '' : upright(x(row.target), 1, HEIGHT - 1, 'text', { width: 2 })
  }`;
  return picture({ ...about, height: HEIGHT }, body);
}

/** The ruler under rows that share a scale. */
export function bulletAxis(top: number, unit: string): Html {
  const marks = ruled(top, 4).map((value) => {
    const x = (value / top) * 100;
    const anchor = x < 5 ? 'start' : x > 92 ? 'end' : 'middle';
    return html`${upright(x, 0, 4, 'neutral')}${label(x, 17, `${value}${unit}`, { anchor, ink: 'muted', size: 11 })}`;
  });
  return html`<svg class="pic" width="100%" height="20" aria-hidden="true" font-family="system-ui, sans-serif">${marks}</svg>`;
}
