import { createHash } from 'node:crypto';
import { oneLine } from '../report/escape.ts';
import { type Html, html, trusted } from '../report/html.ts';
import { STYLE } from '../report/style.ts';
import type { Cell, Crossings } from './cell.ts';
import { cellsAt, type Matrix, summaryOf } from './matrix.ts';
import { recoveryText, SURVIVAL_WORDS } from './words.ts';

const OWN_STYLE = `
.matrix td{min-width:17ch;padding:8px 12px 8px 10px;border-left:1px solid var(--rule)}.matrix th[scope=row]{min-width:22ch;font-weight:600}.matrix .about{font-weight:400;font-size:13px;color:var(--muted);display:block}
.c-survived{background:var(--passTint)}.c-lost{background:var(--failTint)}.c-unknown{background:var(--inconclusiveTint)}
.c-survived .word{color:var(--pass)}.c-lost .word{color:var(--fail)}.c-unknown .word{color:var(--inconclusive)}
.matrix .word{font-weight:600;display:block}.matrix .more{display:block;font-size:13px;color:var(--muted)}.matrix .odd{display:block;font-weight:600}
`;
const ALL_STYLE = STYLE + OWN_STYLE;

function policy(): string {
  const hash = createHash('sha256').update(ALL_STYLE).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

function cost({ zones, regions }: Crossings): string {
  return `${percent(zones)} / ${percent(regions)}`;
}

function cellHtml(cell: Cell): Html {
  const word = SURVIVAL_WORDS[cell.survival];
  return html`<div><a href="${cell.report}"><span class="word">${word}</span></a>${
    !cell.asExpected && html`<span class="odd">not as expected (${oneLine(cell.expected, 80)})</span>`
  }${cell.completed ? figures(cell) : html`<span class="more">${oneLine(cell.reason, 200)}</span>`}</div>`;
}

function figures(cell: Cell): Html {
  const { crossings, load } = cell;
  return html`<span class="more">${cell.bad} of ${cell.total} requests bad</span><span class="more">${recoveryText(cell)}</span>${
    crossings !== undefined &&
    html`<span class="more">other zone / region: ${cost(crossings.before)} before, ${cost(crossings.during)} during</span>`
  }${load !== undefined && load > 1.05 && html`<span class="more">busiest place: ${load.toFixed(1)} times its calls</span>`}`;
}

function square(matrix: Matrix, topology: string, failure: string): Html {
  const cells = cellsAt(matrix, topology, failure);
  const missing = matrix.missing.filter((one) => one.topology === topology && one.failure === failure);
  const worst = cells.find(({ survival }) => survival !== 'survived') ?? cells[0];
  if (worst === undefined && missing.length === 0) return html`<td><span class="more">no scenario</span></td>`;
  const notes = missing.map(({ reason, recover }) => {
    const [word, way] = recover === undefined ? ['not run', ''] : ['left open', `: ${recover}`];
    return html`<span class="odd">${word}</span><span class="more">${oneLine(`${reason}${way}`, 600)}</span>`;
  });
  return html`<td class="c-${worst?.survival ?? 'unknown'}">${cells.map(cellHtml)}${notes}</td>`;
}

function claims(matrix: Matrix): Html {
  const { topologies, failures } = matrix;
  const ordered = topologies.flatMap(({ name }) => failures.flatMap((failure) => cellsAt(matrix, name, failure)));
  const rows = ordered.flatMap((cell) =>
    cell.claim === undefined
      ? []
      : [
          html`<tr><th scope="row">${oneLine(cell.topology, 60)}</th><td>${oneLine(cell.failure, 60)}</td><td>${oneLine(cell.claim, 400)}</td><td>${
            cell.survival === 'unknown' ? 'not decided' : cell.asExpected ? 'holds' : 'does not hold'
          }</td><td><a href="${cell.report}">${oneLine(cell.reason, 300)}</a></td></tr>`,
        ],
  );
  return html`<section id="claims"><h2>What was said, and what was seen</h2><div class="scroll" tabindex="0" role="region" aria-label="Claims"><table><thead><tr><th scope="col">Topology</th><th scope="col">Failure</th><th scope="col">Sentence</th><th scope="col">Here</th><th scope="col">Seen</th></tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

/** The matrix as one HTML file without scripts; each square links to the reports of its runs. The same matrix gives the same bytes. */
export function renderMatrix(matrix: Matrix): string {
  const { topologies, failures, target, startedAt } = matrix;
  const heads = failures.map((failure) => html`<th scope="col">${oneLine(failure, 60)}</th>`);
  const rows = topologies.map(
    ({ name, title, about }) =>
      html`<tr><th scope="row">${oneLine(title, 100)}<span class="about">${oneLine(about, 300)}</span></th>${failures.map(
        (failure) => square(matrix, name, failure),
      )}</tr>`,
  );
  return html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${trusted(policy())}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><title>What each topology survives</title><style>${trusted(ALL_STYLE)}</style></head><body><main><section><h1>What each topology survives</h1><p class="lead">${summaryOf(matrix)}. Target: ${oneLine(target, 80)}, ${oneLine(startedAt, 40)}.</p><div class="scroll" tabindex="0" role="region" aria-label="Topologies and failures"><table class="matrix"><thead><tr><th scope="col">Topology</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div><p class="lead">Other zone / region: shares of the calls of the services that were hit. The busiest place shows how much spare capacity the failover took.</p></section>${claims(matrix)}</main></body></html>
`.text;
}
