import { type Html, html, type Part } from '../html.ts';
import { type Ink, PALETTE } from '../palette.ts';
import { finite } from './scale.ts';

/*
 * Every mark has its light colour as a presentation attribute, so that it is drawn even where a host blocks all
 * styles, and a class, so that the style sheet can replace it in the dark theme.
 */

/** Fill attributes. */
export function fill(ink: Ink): Html {
  return html`class="f-${ink}" fill="${PALETTE[ink][0]}"`;
}

/** Stroke attributes. */
export function stroke(ink: Ink, width = 1): Html {
  return html`class="s-${ink}" stroke="${PALETTE[ink][0]}" stroke-width="${width}" fill="none"`;
}

/** A horizontal position or length in percent of the chart, short enough to be written thousands of times. */
export function pct(value: number): string {
  return `${Number(Math.min(100, Math.max(0, finite(value))).toFixed(3))}%`;
}

const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif';

export type Picture = {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** The finding of the picture in words. */
  readonly desc: string;
  readonly height: number;
};

/** An SVG as wide as its container, with a title and a description. Text keeps its size at every width. */
export function picture(about: Picture, body: Html): Html {
  return html`<svg class="pic" role="img" aria-labelledby="${about.id}-t ${about.id}-d" width="100%" height="${about.height}" font-family="${FONT}" font-size="12"><title id="${about.id}-t">${about.title}</title><desc id="${about.id}-d">${about.desc}</desc>${body}</svg>`;
}

/** A drawing that is stretched over the full width: its own columns across, pixels down. */
export function stretched(columns: number, top: number, height: number, body: Html): Html {
  return html`<svg x="0" y="${top}" width="100%" height="${height}" viewBox="0 0 ${columns} ${height}" preserveAspectRatio="none" aria-hidden="true">${body}</svg>`;
}

type LabelOptions = {
  readonly ink?: Ink;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly dx?: number;
  readonly size?: number;
  /** Left out on a phone. */
  readonly wide?: boolean;
  /** Keeps lines behind the text away from its letters. */
  readonly halo?: boolean;
  /** The title of a track, which stays at the edge of what is seen. */
  readonly stays?: boolean;
};

/** The small title of a track, left above it. */
export function laneTitle(y: number, text: Part): Html {
  return label(0, y + 15, text, { ink: 'muted', dx: 3, halo: true, stays: true });
}

/** One line of text in a picture. */
export function label(x: number, y: number, text: Part, options: LabelOptions = {}): Html {
  const { ink = 'text', anchor = 'start', dx = 0, size = 12, wide = false, halo = false, stays = false } = options;
  const classes = `f-${ink}${halo ? ' s-bg' : ''}${wide ? ' wide' : ''}${stays ? ' lt' : ''}`;
  const edge = halo
    ? html` stroke="${PALETTE.bg[0]}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"`
    : '';
  return html`<text x="${pct(x)}" y="${y}" dx="${dx}" text-anchor="${anchor}" font-size="${size}" class="${classes}" fill="${PALETTE[ink][0]}"${edge}>${text}</text>`;
}

/** A bar from one position to another; never thinner than a visible hair. */
export function bar(from: number, to: number, y: number, height: number, ink: Ink): Html {
  const width = Math.max(0, to - from);
  const hair =
    width < 0.4 ? html`<line x1="${pct(from)}" x2="${pct(from)}" y1="${y}" y2="${y + height}" ${stroke(ink, 2)}/>` : '';
  return html`<rect x="${pct(from)}" y="${y}" width="${pct(width)}" height="${height}" ${fill(ink)}/>${hair}`;
}

/** A vertical line. */
export function upright(
  x: number,
  top: number,
  bottom: number,
  ink: Ink,
  options: { width?: number; dash?: string } = {},
): Html {
  const dash = options.dash === undefined ? '' : html` stroke-dasharray="${options.dash}"`;
  return html`<line x1="${pct(x)}" x2="${pct(x)}" y1="${top}" y2="${bottom}" ${stroke(ink, options.width ?? 1)}${dash}/>`;
}
