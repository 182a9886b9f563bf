import { oneLine } from '../escape.ts';
import { percentText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { type Ink, PALETTE } from '../palette.ts';
import { fill, stroke } from './paint.ts';

/** A zone of the map, or the way into a network, and what is said of it there. */
export type MapZone = {
  readonly name: string;
  readonly ink: Ink;
  /** Something was hit here. */
  readonly broken: boolean;
  readonly note: string;
};

/** Zones that lie in one region. */
export type MapRegion = { readonly name: string; readonly zones: readonly MapZone[] };

/** Share of what a box calls, or passes on, that another box, or itself, serves. */
export type MapFlow = { readonly from: string; readonly to: string; readonly share: number };

type FlowMap = {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  readonly desc: string;
  readonly regions: readonly MapRegion[];
  readonly flows: readonly MapFlow[];
};

const LEAST_WIDTH = 290;
/** What the text of a share needs, bold, with air around it. */
const LABEL = { width: 46, height: 13 };
const BOX = { width: 176, height: 42, gap: 8 };
const REGION = 22;
const LOOP = 9;
/** The first curve bends so far to the right, each further one more, so that none hides another. */
const BEND = { first: 26, next: 16 };
/** Text of 12 px has about so many characters in a box. */
const MOST_CHARACTERS = 26;

/** Regions and zones as boxes, one below the other; who served whom as arrows on their right side. */
export function flowMap({ id, title, desc, regions, flows }: FlowMap): Html {
  const tops = new Map<string, number>();
  let y = 0;
  const boxes = regions.map((region) => {
    const name = textAt(0, y + 14, oneLine(region.name, 40), 'muted');
    y += REGION;
    const zones = region.zones.map((zone) => {
      tops.set(zone.name, y);
      const drawn = zoneBox(zone, y);
      y += BOX.height + BOX.gap;
      return drawn;
    });
    return html`${name}${zones}`;
  });
  const away = flows.filter(({ from, to }) => from !== to);
  const free = labelPlaces();
  const arrows = [
    ...flows.filter(({ from, to }) => from === to).map((flow) => loop(flow, tops, free)),
    ...away.map((flow, index) => curve(flow, tops, BEND.first + index * BEND.next, free)),
  ];
  const width = Math.max(LEAST_WIDTH, labelAt(BEND.first + (away.length - 1) * BEND.next) + LABEL.width);
  return html`<svg class="map" role="img" aria-labelledby="ui-${id}-t ui-${id}-d" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" font-family="system-ui, sans-serif" font-size="12"><title id="ui-${id}-t">${title}</title><desc id="ui-${id}-d">${desc}</desc>${boxes}${arrows}</svg>`;
}

function zoneBox({ name, ink, broken, note }: MapZone, top: number): Html {
  const edge = broken ? stroke('fail', 2) : stroke('neutral');
  return html`<rect x="1" y="${top}" width="${BOX.width - 2}" height="${BOX.height}" rx="3" ${fill(broken ? 'failTint' : 'surface')}/><rect x="1" y="${top}" width="5" height="${BOX.height}" ${fill(ink)}/><rect x="1" y="${top}" width="${BOX.width - 2}" height="${BOX.height}" rx="3" ${edge}/>${textAt(13, top + 17, fitted(name), 'text')}${textAt(13, top + 33, oneLine(note, MOST_CHARACTERS + 1), broken ? 'fail' : 'muted')}`;
}

/** The cluster behind a zone tells it from another box: what has no room is cut before it. */
function fitted(name: string): string {
  const whole = oneLine(name, 200);
  const [, zone = whole, cluster = ''] = /^(.*)( \([^()]{1,16}\))$/.exec(whole) ?? [];
  const room = MOST_CHARACTERS - cluster.length;
  return zone.length <= room ? whole : `${zone.slice(0, room - 1).toWellFormed()}…${cluster}`;
}

/** Where the share of a curve stands, right of where it comes to. */
const labelAt = (bend: number): number => BOX.width + bend + 16;

type Free = (x: number, y: number) => number;

/** Gives every label a height at which it lies over none of those before it: the wanted one, or one below it. */
function labelPlaces(): Free {
  const taken: { readonly x: number; readonly y: number }[] = [];
  return (x, wanted) => {
    let y = wanted;
    const isTaken = (): boolean =>
      taken.some((one) => Math.abs(one.x - x) < LABEL.width && Math.abs(one.y - y) < LABEL.height);
    while (isTaken()) y += LABEL.height;
    taken.push({ x, y });
    return y;
  };
}

/** Calls that stayed in their zone. */
function loop({ from, share }: MapFlow, tops: ReadonlyMap<string, number>, free: Free): Html {
  const middle = middleOf(from, tops);
  if (middle === undefined) return html``;
  const [up, down] = [middle - LOOP, middle + LOOP];
  const path = `M${BOX.width} ${up}C${BOX.width + 26} ${up} ${BOX.width + 26} ${down} ${BOX.width + 6} ${down}`;
  return html`<path d="${path}" ${stroke('neutral', 1.5)}/>${head(down, 'neutral')}${textAt(BOX.width + 26, free(BOX.width + 26, middle + 4), percentText(share), 'muted')}`;
}

/** Calls that another zone served. */
function curve({ from, to, share }: MapFlow, tops: ReadonlyMap<string, number>, bend: number, free: Free): Html {
  const [start, end] = [middleOf(from, tops), middleOf(to, tops)];
  if (start === undefined || end === undefined) return html``;
  const toward = end > start ? -1 : 1;
  const [out, into] = [start, end + toward * (LOOP + 5)];
  // A cubic curve comes three quarters of the way to its control points.
  const x = BOX.width + (bend * 4) / 3 + 14;
  const path = `M${BOX.width} ${out}C${x} ${out} ${x} ${into} ${BOX.width + 6} ${into}`;
  const at = labelAt(bend);
  const label = textAt(at, free(at, (out + into) / 2 + 4), percentText(share), 'text', true);
  return html`<path d="${path}" ${stroke('bandEdge', widthOf(share))}/>${head(into, 'bandEdge')}${label}`;
}

function head(y: number, ink: Ink): Html {
  return html`<path d="M${BOX.width} ${y}l9 -5v10z" ${fill(ink)}/>`;
}

const widthOf = (share: number): number => Number((1.5 + 3 * share).toFixed(2));

function middleOf(zone: string, tops: ReadonlyMap<string, number>): number | undefined {
  const top = tops.get(zone);
  return top === undefined ? undefined : top + BOX.height / 2;
}

function textAt(x: number, y: number, text: string, ink: Ink, strong = false): Html {
  const weight = strong ? html` font-weight="600"` : '';
  return html`<text x="${x}" y="${y}" class="f-${ink}" fill="${PALETTE[ink][0]}"${weight}>${text}</text>`;
}
