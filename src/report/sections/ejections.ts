import type { EjectionSummary } from '../../model/result.ts';
import { oneLine } from '../escape.ts';
import { countText, formatNumber } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { Ink } from '../palette.ts';
import { MOST_COLUMNS } from '../svg/columns.ts';
import { timeChart } from '../svg/frame.ts';
import { drawLines, linesHeight } from '../svg/lines.ts';
import { pct, stroke } from '../svg/paint.ts';
import { finite } from '../svg/scale.ts';
import { dataBehind, moment, section, table, type View } from '../view.ts';

const STYLES: readonly { ink: Ink; dash?: string }[] = [
  { ink: 'z20' },
  { ink: 'z10', dash: '6 3' },
  { ink: 'z00', dash: '2 3' },
  { ink: 'other', dash: '8 2 2 2' },
];

const PLOT = 70;
const MOST_ROWS = 100;

/** Endpoints ejected at the same time, added up over all callers; the most within each column. */
function activeColumns(view: View, service: string): number[] {
  const { start, end } = view.axis;
  const columns = new Array<number>(MOST_COLUMNS).fill(0);
  const active = new Map<string, number>();
  let at = 0;
  let now = 0;
  for (const change of view.result.ejections.changes) {
    if (change.service !== service) continue;
    const column = Math.min(
      MOST_COLUMNS - 1,
      Math.max(0, Math.floor(finite((change.at - start) / (end - start)) * MOST_COLUMNS)),
    );
    while (at < column) {
      at += 1;
      columns[at] = now;
    }
    const caller = `${change.cluster} ${change.pod}`;
    now += finite(change.active) - (active.get(caller) ?? 0);
    active.set(caller, finite(change.active));
    columns[column] = Math.max(columns[column] ?? 0, now);
  }
  for (at += 1; at < MOST_COLUMNS; at += 1) columns[at] = now;
  return columns;
}

function chart(view: View): Html {
  const { ejections, guides } = view.result;
  const services = [...new Set(ejections.changes.map(({ service }) => service))].slice(0, STYLES.length);
  if (services.length === 0) {
    return html`<p class="none">${ejections.readable ? 'No ejection was seen by any caller during the run.' : 'Unknown: the statistics could not be read everywhere.'}</p>`;
  }
  const lines = services.map((service, at) => ({
    values: activeColumns(view, service),
    ...(STYLES[at] ?? { ink: 'other' as const }),
  }));
  const legend = services.map((service, at) => {
    const { ink, dash } = STYLES[at] ?? { ink: 'other' as const };
    return html`<li><svg width="26" height="10" aria-hidden="true"><line x1="0" x2="${pct(100)}" y1="5" y2="5" ${stroke(ink, 2)}${dash === undefined ? '' : html` stroke-dasharray="${dash}"`}/></svg> ${oneLine(service, 60)}</li>`;
  });
  const desc = services.map(
    (service, at) =>
      `${oneLine(service, 60)}: at most ${formatNumber(Math.max(...(lines[at]?.values ?? [0])), 0)} at a time`,
  );
  return html`<ul class="legend">${legend}</ul>${timeChart({
    id: 'ui-pic-ejections',
    title: 'Endpoints ejected by callers over the run',
    desc: `${desc.join('; ')}.`,
    axis: view.axis,
    bands: view.bands,
    guides,
    plot: linesHeight(PLOT),
    readout: {
      start: view.axis.start,
      step: (view.axis.end - view.axis.start) / MOST_COLUMNS,
      rows: services.map((service, at) => ({ name: `${service} ejected`, values: lines[at]?.values ?? [] })),
    },
    draw: (top) => drawLines(lines, 'ejected endpoints, all callers', '', top, PLOT),
  })}`;
}

function changesTable(view: View, { changes }: EjectionSummary): Html {
  if (changes.length === 0) return html``;
  const more = changes.length - MOST_ROWS;
  return html`${dataBehind({
    caption: `changes of the outlier statistics${more > 0 ? `, the first ${MOST_ROWS} of ${changes.length}` : ''}`,
    columns: ['When', 'Calling pod', 'Cluster', 'Zone', 'Service', 'Active', 'Enforced so far'],
    rows: changes
      .slice(0, MOST_ROWS)
      .map((change) => [
        { head: moment(view, change.at) },
        oneLine(change.pod, 90),
        oneLine(change.cluster, 60),
        oneLine(change.zone, 60),
        oneLine(change.service, 60),
        { num: formatNumber(change.active, 0) },
        { num: formatNumber(change.enforcedTotal, 0) },
      ]),
  })}`;
}

/** What the mesh itself says: failover by ejection or by removal of endpoints. */
export function ejectionsSection(view: View): Html {
  const { ejections } = view.result;
  const readable = ejections.readable
    ? ''
    : html`<p class="warn"><b>Blind:</b> the outlier statistics could not be read from every cluster.</p>`;
  const services =
    ejections.services.length === 0
      ? ''
      : table({
          caption: 'Outlier ejections from injection to the end of the undo',
          columns: [
            'Service',
            'Ejections enforced',
            'Of these concerned',
            'Calling proxies',
            'Most at a time',
            'Overflow',
          ],
          stacks: true,
          rows: ejections.services
            .slice(0, MOST_ROWS)
            .map((row) => [
              { head: oneLine(row.service, 60) },
              { num: formatNumber(row.enforced, 0) },
              { num: formatNumber(row.concerned, 0) },
              { num: countText(row.callers, 'proxy', 'proxies') },
              { num: formatNumber(row.maxActive, 0) },
              { num: formatNumber(row.overflow, 0) },
            ]),
        });
  const concerned =
    ejections.services.length === 0
      ? ''
      : html`<p class="sub">Concerned are ejections by proxies whose calls the affected pods had served; others have causes of their own.</p>`;
  return section(
    'ejections',
    'Ejections',
    oneLine(ejections.detail, 400),
    html`${readable}${chart(view)}${services}${concerned}${changesTable(view, ejections)}`,
  );
}
