import { rateText } from '../../model/rates.ts';
import { countText, formatNumber, millisText, spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { Ink } from '../palette.ts';
import { highest, stride } from '../svg/columns.ts';
import { timeChart } from '../svg/frame.ts';
import { drawLines, linesHeight } from '../svg/lines.ts';
import { pct, stroke } from '../svg/paint.ts';
import { dataBehind, moment, section, type View } from '../view.ts';
import { percentiles } from './latency-table.ts';

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
    readout: {
      start: series.start,
      step: step * series.bucket,
      unit: ' ms',
      rows: LINES.map(({ key }, at) => ({ name: key, values: lines[at]?.values ?? [] })),
    },
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
        return { num: value === null ? 'no good request' : millisText(value) };
      }),
    ]),
  });
}

function unknownWarning(view: View): Html {
  const unknown = view.result.series.dropped.reduce((sum, count) => sum + count, 0);
  if (unknown === 0) return html``;
  return html`<p class="warn"><b>Warning:</b> of ${countText(unknown, 'request')} nothing is known (dropped, lost or sent too late), so these percentiles may be too kind.</p>`;
}

/** How slow answers were, before, during and after. */
export function latencySection(view: View): Html {
  const { load } = view.result.run.scenario;
  const lead = html`Counted from the moment a request was due (open model, ${rateText(load, (rate) => formatNumber(rate, 2))} on each path, connections ${load.connections}). The chart has good requests; the table has all complete answers, however slow. “too few” stands where there are too few samples for a percentile, “unanswered” where so many requests of the phase were never answered that they could hold it.`;
  const drawn =
    view.result.series.columns === 0
      ? html`<p class="none">No request was recorded.</p>`
      : html`${chart(view)}${chartTable(view)}`;
  return section('latency', 'Latency', lead, html`${unknownWarning(view)}${drawn}${percentiles(view.result.latency)}`);
}
