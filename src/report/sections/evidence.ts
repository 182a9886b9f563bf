import { visible } from '../../model/visible.ts';
import { firstById } from '../anchors.ts';
import { oneLine } from '../escape.ts';
import { formatNumber } from '../format.ts';
import { type Html, html, joined } from '../html.ts';
import { idAttribute, linkTo, moment, section, table, type View } from '../view.ts';

const MOST_RAW = 700;

function raw(text: string): string {
  const whole = visible(text);
  return whole.length <= MOST_RAW ? whole : `${whole.slice(0, MOST_RAW).toWellFormed()}… (${whole.length} characters)`;
}

/** What every judgement rests on: one row per event or request that a finding names. */
export function evidenceSection(view: View): Html {
  const { evidence, evidenceLeftOut } = view.result;
  const rows = view.shown.evidence;
  const hidden = evidence.length - rows.length + evidenceLeftOut;
  const lead = html`Every number above leads here.${hidden > 0 ? ` ${formatNumber(hidden, 0)} more rows are in history.ndjson and requests.ndjson.` : ''}`;
  if (rows.length === 0)
    return section('evidence', 'Evidence', '', html`<p class="none">No evidence was recorded.</p>`);
  const first = firstById(rows);
  return section(
    'evidence',
    'Evidence',
    lead,
    table({
      caption: 'Events and requests that findings use',
      columns: ['Id', 'When', 'Cluster', 'Source', 'What it says', 'Used by'],
      stacks: true,
      filters: true,
      rowAttributes: (at) => {
        const row = rows[at];
        return row !== undefined && first.has(at) ? idAttribute(row.id) : '';
      },
      rows: rows.map((row) => [
        { head: oneLine(row.id, 40) },
        moment(view, row.at),
        html`<span class="whole">${oneLine(row.cluster, 60)}</span>`,
        html`<span class="t">${row.source}</span>`,
        html`${oneLine(row.text, 400)}<details><summary>raw</summary><pre>${raw(row.raw)}</pre></details>`,
        row.usedBy.length === 0
          ? html`<span class="muted">none</span>`
          : joined(
              row.usedBy.slice(0, 4).map((id) => linkTo(view, id, oneLine(id, 60))),
              ', ',
            ),
      ]),
    }),
  );
}
