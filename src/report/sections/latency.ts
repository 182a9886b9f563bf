import { oneLine } from '../escape.ts';
import { formatNumber, latencyText, spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { Ink } from '../palette.ts';
import { highest, stride } from '../svg/columns.ts';
import { timeChart } from '../svg/frame.ts';
import { drawLines, linesHeight } from '../svg/lines.ts';
import { pct, stroke } from '../svg/paint.ts';
import { dataBehind, moment, section, table, type View } from '../view.ts';
import { PHASE_WORDS } from '../words.ts';

const LINES = [
  { key: 'p50', ink: 'z00', dash: undefined },
  { key: 'p95', ink: 'z10', dash: '6 3' },
  { key: 'p99', ink: 'z20', dash: '2 3' },
] as const satisfies readonly { key: 'p50' | 'p95' | 'p99'; ink: Ink; dash: string | undefined }[];

const PLOT = 110;

function legend(): Html {
  return html`<ul class="legend">${LINES.map(
    ({ key, ink, dash }) =>
      html`<li><svg width="26" height="10" aria-hidden="true"><line x1="0" x2="${pct(100)}" y1="5" y2="5" ${stroke(ink, 2)}${dash === undefined ? '' : html` stroke-dasharray="${dash}"`}/></svg> ${key}</li>`,
  )}</ul>`;
}

function chart(view: View): Html {
  const { series, guides } = view.result;
  const step = stride(series.columns);
  const lines = LINES.map(({ key, ink, dash }) => ({
    values: highest(series[key], series.columns, step),
    ink,
    ...(dash === undefined ? {} : { dash }),
  }));
  const tops = LINES.map(({ key }, at) => {
    const top = Math.max(0, ...(lines[at]?.values.map((value) => value ?? 0) ?? []));
    return `${key} at most ${formatNumber(top, 1)} ms`;
  });
  return html`${legend()}${timeChart({
    id: 'ui-pic-latency',
    title: 'Latency of good requests over the run',
    desc: `${tops.join(', ')}; the highest bucket of each ${spanText(step * series.bucket)}.`,
    axis: view.axis,
    bands: view.bands,
    guides,
    plot: linesHeight(PLOT),
    draw: (top) => drawLines(lines, 'latency, linear', ' ms', top, PLOT),
  })}`;
}

function chartTable(view: View): Html {
  const { series } = view.result;
  const step = stride(series.columns, 30);
  const columns = LINES.map(({ key }) => highest(series[key], series.columns, step));
  const rows = columns[0] ?? [];
  return dataBehind({
    caption: `latency in ms, the highest bucket of ${spanText(step * series.bucket)} a row`,
    columns: ['From', ...LINES.map(({ key }) => key)],
    rows: rows.map((_, at) => [
      { head: moment(view, series.start + at * step * series.bucket) },
      ...columns.map((values) => {
        const value = values[at] ?? null;
        return { num: value === null ? 'no good request' : latencyText(value) };
      }),
    ]),
  });
}

function percentiles(view: View): Html {
  const { latency } = view.result;
  if (latency.length === 0) return html`<p class="none">No good request, so no percentile.</p>`;
  return table({
    caption: 'Latency of good requests in ms, by phase and serving place',
    columns: ['Phase', 'Service', 'Zone', 'n', 'p50', 'p90', 'p95', 'p99', 'max'],
    rows: latency.map((row) => [
      { head: PHASE_WORDS[row.phase] },
      oneLine(row.service, 60),
      oneLine(row.zone, 60),
      { num: formatNumber(row.n, 0) },
      { num: latencyText(row.p50) },
      { num: latencyText(row.p90) },
      { num: latencyText(row.p95) },
      { num: latencyText(row.p99) },
      { num: latencyText(row.max) },
    ]),
  });
}

function dropWarning(view: View): Html {
  const dropped = view.result.series.dropped.reduce((sum, count) => sum + count, 0);
  if (dropped === 0) return html``;
  return html`<p class="warn"><b>Warning:</b> the load generator dropped ${formatNumber(dropped, 0)} requests or sent them too late, so these percentiles are too kind.</p>`;
}

/** How slow good requests were, before, during and after. */
export function latencySection(view: View): Html {
  const { load } = view.result.run.scenario;
  const lead = html`Good requests only, counted from the moment a request was due (open model, ${formatNumber(load.ratePerSecond, 2)}/s on each path, connections ${load.connections}). “too few” stands where there are too few samples for a percentile.`;
  const drawn =
    view.result.series.columns === 0
      ? html`<p class="none">No request was recorded.</p>`
      : html`${chart(view)}${chartTable(view)}`;
  return section('latency', 'Latency', lead, html`${dropWarning(view)}${drawn}${percentiles(view)}`);
}
