import type { Finding } from '../../model/finding.ts';
import { oneLine } from '../escape.ts';
import { boundText, countText, formatNumber, marginText, measuredText, spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { bulletGauge, bulletTop } from '../svg/bullet.ts';
import { stride, summed } from '../svg/columns.ts';
import { timeChart } from '../svg/frame.ts';
import { drawLines, linesHeight } from '../svg/lines.ts';
import { sentOf, tallyText } from '../tally.ts';
import { dataBehind, linkTo, moment, section, type View } from '../view.ts';
import { badRequestList } from './bad-requests.ts';
import { groupsTable, otherGroupsTable } from './failure-groups.ts';
import { tallies } from './tallies.ts';

function budgetGauge(view: View, finding: Finding, index: number): Html {
  const { measured, target } = finding;
  const bullet = {
    lo: measured?.lo ?? 0,
    hi: measured === undefined ? 0 : measured.hi,
    target: target?.value,
    verdict: finding.verdict,
  };
  const words = `${measuredText(measured, target)}, limit ${boundText(target)}`;
  const about = { id: `ui-budget-${index}`, title: `Budget of ${oneLine(finding.subject, 90)}`, desc: words };
  return html`<li><div class="gauge-name"><b>${linkTo(view, finding.id, oneLine(finding.subject, 90))}</b><span class="sub">${countText(finding.samples, 'request')}</span></div><div class="gauge-bar">${bulletGauge(about, bullet, bulletTop([bullet]))}</div><div class="gauge-words"><b>${words}</b><span class="sub">${marginText(finding) ?? ''}</span></div></li>`;
}

function running(counts: readonly number[]): number[] {
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return sum;
  });
}

const PLOT = 80;

function burn(view: View): Html {
  const { series, guides } = view.result;
  if (series.columns === 0) return html``;
  const step = stride(series.columns);
  const sums = running(summed(series.bad, series.columns, step));
  return timeChart({
    id: 'ui-pic-burn',
    title: 'Bad requests, added up over the run',
    desc: `${countText(sums.at(-1) ?? 0, 'bad request')} at the end of the run. The groups below say what they were.`,
    axis: view.axis,
    bands: view.bands,
    guides,
    plot: linesHeight(PLOT),
    readout: {
      start: series.start,
      step: step * series.bucket,
      rows: [{ name: 'bad requests so far', values: sums }],
    },
    draw: (top) => drawLines([{ values: sums, ink: 'fail' }], 'bad requests so far', '', top, PLOT),
  });
}

function burnTable(view: View): Html {
  const { series } = view.result;
  if (series.columns === 0) return html``;
  const step = stride(series.columns, 30);
  const sums = running(summed(series.bad, series.columns, step));
  return dataBehind({
    caption: `bad requests so far, ${spanText(step * series.bucket)} a row`,
    columns: ['From', 'Bad requests so far'],
    rows: sums.map((sum, at) => [
      { head: moment(view, series.start + at * step * series.bucket) },
      { num: formatNumber(sum, 0) },
    ]),
  });
}

/** How many requests the fault cost, against how many it may cost. */
export function budgetSection(view: View): Html {
  const { budget } = view.result;
  const judged = view.shown.groups.flatMap(({ words, shown }) => (words.name === 'errorBudget' ? shown : []));
  const gauges =
    judged.length === 0
      ? html`<p class="none">No error budget was judged.</p>`
      : html`<ul class="gauges">${judged.map((finding, at) => budgetGauge(view, finding, at))}</ul>`;
  const lead =
    sentOf(budget) === 0 && budget.unknown === 0
      ? 'No request was counted.'
      : html`From injection to the end of the undo (${view.time.range(budget.window.start, budget.window.end)}): ${tallyText(budget)}.`;
  return section(
    'budget',
    'Error budget',
    lead,
    html`${gauges}${burn(view)}${groupsTable(view)}${otherGroupsTable(view)}${badRequestList(view)}${tallies(budget)}${burnTable(view)}`,
  );
}
