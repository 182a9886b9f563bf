import type { Finding } from '../../model/finding.ts';
import { anchorOf } from '../anchors.ts';
import { oneLine } from '../escape.ts';
import { causeOf, findingsText, tellable } from '../face.ts';
import { type Figures, figuresOf, figuresText } from '../figures.ts';
import type { FindingGroup } from '../fold.ts';
import { countText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { moreText } from '../shortlist.ts';
import { listedOf } from '../shown.ts';
import { type Cell, evidenceLinks, idAttribute, table, type View, verdictMark } from '../view.ts';
import type { WordedFinding } from '../worded.ts';
import { VERDICT_WORDS } from '../words.ts';

const COLUMNS = ['Verdict', 'Finding', 'Measured', 'Limit', 'Margin', 'Judged from', 'Evidence'];

type Row = { readonly verdict: Finding['verdict'] } & (
  | { readonly finding: WordedFinding; readonly folded?: undefined }
  | { readonly finding?: undefined; readonly folded: FindingGroup }
);

function rowsOf(groups: readonly FindingGroup[]): readonly Row[] {
  return groups.flatMap((group) => [
    ...group.shown.map((finding) => ({ verdict: group.verdict, finding })),
    ...(group.folded.length === 0 ? [] : [{ verdict: group.verdict, folded: group }]),
  ]);
}

function named(finding: WordedFinding): Html {
  return html`<div class="title">${oneLine(finding.title)}</div><div class="sub">${finding.words.title}, ${oneLine(finding.subject, 200)}</div><a class="perma" href="#${anchorOf(finding.id)}">${oneLine(finding.id, 120)}</a>`;
}

function explained(finding: Finding | undefined): Html | undefined {
  if (finding === undefined || finding.verdict === 'pass') return undefined;
  const known = causeOf(finding);
  const cause = known === undefined ? '' : html` <b>Cause:</b> ${oneLine(known, 600)}`;
  const hint = finding.hint === undefined ? '' : html` <b>Hint:</b> ${oneLine(finding.hint, 600)}`;
  return html`<tr class="r-${finding.verdict} why"><td></td><td colspan="${COLUMNS.length - 1}">${oneLine(finding.story, 600)}${cause}${hint}</td></tr>`;
}

type Once = (id: string) => Html | '';

/** Gives each anchor to the first row that asks for it. */
function onceEach(): Once {
  const given = new Set<string>();
  return (id) => {
    const anchor = anchorOf(id);
    if (given.has(anchor)) return '';
    given.add(anchor);
    return idAttribute(id);
  };
}

function listItem(finding: WordedFinding, once: Once): Html {
  const figures = figuresText(finding);
  return html`<li${once(finding.id)}>${oneLine(finding.title, 200)}${figures === '' ? '' : html` <span class="sub">${figures}</span>`}</li>`;
}

function foldedCell(group: FindingGroup, once: Once): Html {
  const { folded, shown, words, verdict } = group;
  const listed = listedOf(group);
  const more = moreText(folded.length - listed.length);
  const head = `${words.title}: ${countText(folded.length, shown.length === 0 ? 'finding' : 'more finding')} with ${VERDICT_WORDS[verdict].word}`;
  return html`<details class="fold"><summary>${head}</summary><ul>${listed.map((finding) => listItem(finding, once))}${more === '' ? '' : html`<li>${more}</li>`}</ul></details>`;
}

function figureCells({ measured = '', limit = '', margin = '', restsOn = '' }: Figures): Cell[] {
  return [{ num: measured }, { num: limit }, { num: margin }, { num: restsOn }];
}

/** Findings that say nothing because no fault was ever on, out of the way of those that do. */
function idleList(view: View, once: Once): Html {
  const { idle } = view.shown;
  const all = tellable(view.result).idle.length;
  if (all === 0) return html``;
  const more = moreText(all - idle.length);
  return html`<details class="fold"><summary>${countText(all, 'finding')} that a fault would have been needed for</summary><ul>${idle.map(
    (finding) => html`<li${once(finding.id)}>${finding.words.title}, ${oneLine(finding.subject, 200)}: not judged</li>`,
  )}${more === '' ? '' : html`<li>${more}</li>`}</ul></details>`;
}

/** All findings, worst first; many passes of one objective in one row. */
export function findingsTable(view: View): Html {
  const rows = rowsOf(view.shown.groups);
  const once = onceEach();
  if (rows.length === 0 && view.shown.idle.length === 0) {
    return html`<p class="none">There are no findings: nothing could be judged.</p>`;
  }
  const cells = rows.map(({ finding, folded }): readonly Cell[] =>
    finding === undefined
      ? [verdictMark(folded.verdict), { head: foldedCell(folded, once) }, ...figureCells({}), '']
      : [
          verdictMark(finding.verdict),
          { head: named(finding) },
          ...figureCells(figuresOf(finding)),
          evidenceLinks(view, finding.evidence),
        ],
  );
  const attributes = rows.map(
    ({ finding, verdict }) => html`${finding === undefined ? '' : once(finding.id)} class="r-${verdict}"`,
  );
  return html`${table({
    caption: `Findings: ${findingsText(view.result)}`,
    columns: COLUMNS,
    under: (at) => explained(rows[at]?.finding),
    stacks: true,
    filters: true,
    rowAttributes: (at) => attributes[at],
    rows: cells,
  })}${idleList(view, once)}`;
}
