import type { FaultTimeline, Guide, RunResult } from '../../model/result.ts';
import { oneLine } from '../escape.ts';
import { countText, formatNumber, spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { Ink } from '../palette.ts';
import { moreText } from '../shortlist.ts';
import { stride, summed } from '../svg/columns.ts';
import { timeChart } from '../svg/frame.ts';
import { fill } from '../svg/paint.ts';
import { type Stack, stackRows, stacksOf, stacksShown } from '../svg/stacks.ts';
import { drawTimeline, timelineHeight } from '../svg/timeline.ts';
import { dataBehind, moment, section, table, type View } from '../view.ts';
import { PHASE_WORDS, STEP_WORDS } from '../words.ts';
import { closeUp } from './close-up.ts';
import { kubeEventTable } from './kube-events.ts';
import { queryRows } from './queries.ts';

/** Coloured names of zones above the charts that use them. */
function zoneLegend(view: View, zones: readonly string[]): Html {
  return html`<ul class="legend">${zones.map((zone) => html`<li>${swatch(view.zoneInk(zone))}${oneLine(zone, 60)}</li>`)}</ul>`;
}

/** A small square of one colour. */
export function swatch(ink: Ink): Html {
  return html`<svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" ${fill(ink)}/></svg> `;
}

function zonesOf(result: RunResult): readonly string[] {
  return [...new Set(result.series.serving.map(({ zone }) => zone))];
}

function describe(view: View): string {
  const { result, time } = view;
  const faults = result.faults.map((fault) => {
    const from = fault.effective === undefined ? 'without a proven effect' : `from ${time.offset(fault.effective)}`;
    return `Fault ${oneLine(fault.name, 60)} ${from}${fault.ended === undefined ? ', never ended' : ` to ${time.offset(fault.ended)}`}.`;
  });
  const guides = result.guides.map((guide) => `${guide.id} ${oneLine(guide.label, 80)} at ${time.offset(guide.at)}.`);
  return [
    ...faults,
    ...guides,
    `${countText(sum(result.series.bad), 'bad request')} and ${countText(sum(result.series.dropped), 'unknown one')} over the whole run.`,
  ].join(' ');
}

/** The services that a scenario has expectations of. */
function servicesAskedFor({ run }: RunResult): readonly string[] {
  const { failoverOrder, ejections } = run.scenario.expect;
  return [...failoverOrder, ...ejections].map(({ service }) => service);
}

/** T0 is an interval: when the fault had certainly not taken effect yet, to the evidence that it had. */
function uncertainty({ result: { zero, zeroFrom } }: View, id: Guide['id']): Html | '' {
  if (id !== 'T0' || zero === undefined || zeroFrom === undefined || !(zeroFrom < zero)) return '';
  return html`<span class="utc">or up to ${spanText(zero - zeroFrom)} before</span>`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function guideTable(view: View): Html {
  const { guides } = view.result;
  if (guides.length === 0) return html`<p class="none">No fault took effect, so there is no T0 and no guide.</p>`;
  return html`<dl class="guides">${guides.map(
    (guide) =>
      html`<div><dt>${guide.id}</dt><dd>${oneLine(guide.label, 80)}<br>${moment(view, guide.at)}${uncertainty(view, guide.id)}</dd></div>`,
  )}</dl>`;
}

function faultRows(view: View, fault: FaultTimeline): readonly Html[][] {
  return fault.steps.map((entry) => [
    html`${oneLine(fault.name, 60)}`,
    html`<span class="t">${STEP_WORDS[entry.step]}</span>`,
    html`${moment(view, entry.at)}`,
    html`${entry.detail === undefined ? '' : oneLine(entry.detail, 400)}`,
  ]);
}

function faultTable(view: View): Html {
  const rows = view.result.faults.flatMap((fault) => faultRows(view, fault));
  if (rows.length === 0) return html`<p class="none">No fault was injected.</p>`;
  return table({
    caption: 'Life of the faults',
    columns: ['Fault', 'Step', 'When', 'What was seen'],
    rows,
    stacks: true,
  });
}

function phaseTable(view: View): Html {
  return dataBehind({
    caption: 'phases of the run',
    columns: ['Phase', 'From', 'To', 'Lasted'],
    rows: view.result.phases.map(({ phase, start, end }) => [
      { head: PHASE_WORDS[phase] },
      moment(view, start),
      moment(view, end),
      { num: spanText(end - start) },
    ]),
  });
}

const MOST_TABLE_ROWS = 30;

function servingTable(view: View, stacks: readonly Stack[]): Html {
  const { series } = view.result;
  const step = stride(series.columns, MOST_TABLE_ROWS);
  const all = stacks.flatMap(({ service, rows }) =>
    rows.map(({ zone, counts }) => ({
      name: `${oneLine(service, 30)} ${oneLine(zone, 40)}`,
      sums: summed(counts, series.columns, step),
    })),
  );
  const good = summed(series.good, series.columns, step);
  const bad = summed(series.bad, series.columns, step);
  return dataBehind({
    caption: `good hops by service and zone, ${spanText(step * series.bucket)} a row`,
    columns: ['From', 'Good', 'Bad', ...all.map(({ name }) => name)],
    rows: good.map((count, at) => [
      { head: moment(view, series.start + at * step * series.bucket) },
      { num: formatNumber(count, 0) },
      { num: formatNumber(bad[at] ?? 0, 0) },
      ...all.map(({ sums }) => ({ num: formatNumber(sums[at] ?? 0, 0) })),
    ]),
  });
}

/** What happened when: phases, faults, who served, what failed, all on one axis. */
export function timelineSection(view: View): Html {
  const { result, axis, bands } = view;
  const stacks = stacksShown(result.series, servicesAskedFor(result));
  const step = stride(result.series.columns);
  const left = stacksOf(result.series).length - stacks.length;
  const others =
    left > 0
      ? html`<p class="sub">Drawn are the services that the scenario names, and others as far as there is room; ${moreText(left)}.</p>`
      : '';
  const chart = timeChart({
    id: 'ui-pic-timeline',
    title: 'Timeline of the run',
    desc: describe(view),
    axis,
    bands,
    guides: result.guides,
    plot: timelineHeight(view, stacks),
    draw: (top) => drawTimeline(view, stacks, top),
    readout: {
      start: result.series.start,
      step: step * result.series.bucket,
      rows: stackRows(stacks, { from: 0, columns: result.series.columns, step }),
    },
    clock: view.time,
  });
  const seen = result.phases.length > 0 || result.series.columns > 0;
  const empty = result.series.columns === 0 ? html`<p class="none">No request was recorded.</p>` : '';
  return section(
    'timeline',
    'Timeline',
    html`Horizontal: ${axis.unit}, UTC below. Every time chart of this page has this axis and this fault band.`,
    html`${empty}${zoneLegend(view, zonesOf(result))}${seen ? chart : ''}${others}${seen ? queryRows(view) : ''}${guideTable(view)}${closeUp(view, stacks)}${faultTable(view)}${kubeEventTable(view)}${result.phases.length > 0 ? phaseTable(view) : ''}${
      result.series.columns === 0 ? '' : servingTable(view, stacks)
    }`,
  );
}
