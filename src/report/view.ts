import type { Verdict } from '../model/finding.ts';
import type { ObjectiveWords } from '../model/objective.ts';
import type { RunResult } from '../model/result.ts';
import { type Anchors, anchorOf, anchorsOf, type SectionId } from './anchors.ts';
import { oneLine } from './escape.ts';
import { withFewZones } from './few-zones.ts';
import { type Html, html, joined, type Part } from './html.ts';
import { type Ink, ZONE_INKS } from './palette.ts';
import { listedOf, type Shown, shownOf } from './shown.ts';
import { runAxis, type TimeAxis } from './svg/axis.ts';
import { type Band, bandsOf } from './svg/frame.ts';
import { type TimeWords, timeWords } from './time.ts';
import { type WordedFinding, type WordedResult, withWords } from './worded.ts';
import { VERDICT_WORDS } from './words.ts';

/** What every section of the page needs beside the result. */
export type View = {
  readonly result: WordedResult;
  readonly axis: TimeAxis;
  readonly bands: readonly Band[];
  readonly time: TimeWords;
  readonly anchors: Anchors;
  readonly shown: Shown;
  /** All findings by id, also those that have no place on the page. */
  readonly judged: ReadonlyMap<string, WordedFinding>;
  /** The colour of a zone: hue by region, shade by zone. */
  readonly zoneInk: (zone: string) => Ink;
};

function zoneInks(result: RunResult): (zone: string) => Ink {
  const inks = new Map<string, Ink>();
  const regions = new Map<string, string[]>();
  const places = result.run.topology.clusters.flatMap(({ region, zones }) => zones.map((zone) => ({ region, zone })));
  for (const { region, zone } of [...places, ...result.series.serving]) {
    const zones = regions.get(region) ?? [];
    if (!zones.includes(zone)) zones.push(zone);
    regions.set(region, zones);
  }
  for (const [index, zones] of [...regions.values()].entries()) {
    for (const [at, zone] of zones.entries()) inks.set(zone, ZONE_INKS[index]?.[at] ?? 'other');
  }
  return (zone) => inks.get(zone) ?? 'other';
}

/** Works out once what all sections share. */
export function viewOf(judged: RunResult, objectives: readonly ObjectiveWords[]): View {
  const whole = withWords(judged, objectives);
  const result = { ...whole, series: { ...whole.series, serving: withFewZones(whole) } };
  const shown = shownOf(result);
  const findings = shown.groups.flatMap((group) => [...group.shown, ...listedOf(group)]);
  return {
    result,
    axis: runAxis(result),
    bands: bandsOf(result),
    time: timeWords(result),
    anchors: anchorsOf([...findings, ...shown.idle, ...shown.evidence]),
    shown,
    judged: new Map(result.findings.map((finding) => [finding.id, finding])),
    zoneInk: zoneInks(result),
  };
}

/** A section of the page with its heading and one sentence that says what it answers. */
export function section(id: SectionId, heading: string, lead: Part, body: Part): Html {
  return html`<section id="${id}" aria-labelledby="ui-${id}"><h2 id="ui-${id}"><a class="self" href="#${id}">${heading}</a></h2>${
    lead === '' ? '' : html`<p class="lead">${lead}</p>`
  }${body}</section>`;
}

export type Cell = Part | { readonly head: Part } | { readonly num: Part };

function cell(content: Cell, column: string): Html {
  if (typeof content === 'object' && 'head' in content) return html`<th scope="row">${content.head}</th>`;
  if (typeof content === 'object' && 'num' in content)
    return html`<td class="num" data-l="${column}">${content.num}</td>`;
  return html`<td data-l="${column}">${content}</td>`;
}

type Table = {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Attributes of each row, such as its id. */
  readonly rowAttributes?: (row: number) => Part;
  /** A row of text under a row, over its full width. */
  readonly under?: (row: number) => Html | undefined;
  /** Turns rows into blocks on a phone instead of scrolling sideways. */
  readonly stacks?: boolean;
  /** The reader may filter its rows. */
  readonly filters?: boolean;
};

/** A table that never makes the page wider than the screen. */
export function table(about: Table): Html {
  const first = about.rows[0] ?? [];
  const head = about.columns.map((column, at) => {
    const content = first[at];
    const isNumber = typeof content === 'object' && 'num' in content;
    return html`<th scope="col"${isNumber ? html` class="num"` : ''}>${column}</th>`;
  });
  const rows = about.rows.map((row, index) => {
    const under = about.under?.(index);
    const cells = row.map((content, at) => cell(content, about.columns[at] ?? ''));
    return html`<tr${about.rowAttributes?.(index)}>${cells}</tr>${under}`;
  });
  const filters = about.filters === true ? html` data-filter="rows"` : '';
  return html`<div class="scroll"${filters} role="region" aria-label="${about.caption}" tabindex="0"><table${
    about.stacks === true ? html` class="stacks"` : ''
  }><caption>${about.caption}</caption><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** The numbers behind a picture. */
export function dataBehind(about: Table): Html {
  return html`<details class="data"><summary>Numbers: ${about.caption}</summary>${table(about)}</details>`;
}

/** A moment in words, with its UTC time. */
export function moment(view: View, at: number): Html {
  return html`<span class="t">${view.time.offset(at)}</span> <span class="utc">${view.time.clock(at)}</span>`;
}

/** The verdict as word and shape. */
export function verdictMark(verdict: Verdict): Html {
  const { word, shape } = VERDICT_WORDS[verdict];
  return html`<strong class="v v-${verdict}"><span aria-hidden="true">${shape}</span> ${word}</strong>`;
}

const MOST_LINKS = 6;

/** Links to evidence rows; an id that is not on the page is plain text. */
export function evidenceLinks(view: View, ids: readonly string[]): Html {
  if (ids.length === 0) return html`<span class="muted">none</span>`;
  const links = ids.slice(0, MOST_LINKS).map((id) => linkTo(view, id, oneLine(id, 40)));
  const more = ids.length > MOST_LINKS ? html` and ${ids.length - MOST_LINKS} more` : '';
  return html`${joined(links, ', ')}${more}`;
}

/** A link to a finding, an evidence row or a section, or plain text when it is not on the page. */
export function linkTo(view: View, id: string, text: Part): Html {
  const href = view.anchors.link(id);
  return href === undefined ? html`${text}` : html`<a href="${href}">${text}</a>`;
}

/** The id attribute of a row. */
export function idAttribute(id: string): Html {
  return html` id="${anchorOf(id)}"`;
}

/** The finding behind a picture, in one line with its verdict; nothing when there is none. */
export function findingLine(view: View, id: string | undefined): Html {
  const finding = id === undefined ? undefined : view.judged.get(id);
  if (finding === undefined) return html``;
  return html`<p class="fl">${verdictMark(finding.verdict)} ${linkTo(view, finding.id, oneLine(finding.title))}. ${oneLine(finding.story, 600)}</p>`;
}
