import type { Finding } from '../../model/finding.ts';
import type { FailureGroup } from '../../model/result.ts';
import { oneLine } from '../escape.ts';
import { boundText, countText, formatNumber, marginText, measuredText, shareText, spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { bulletGauge, bulletTop } from '../svg/bullet.ts';
import { stride, summed } from '../svg/columns.ts';
import { timeChart } from '../svg/frame.ts';
import { drawLines, linesHeight } from '../svg/lines.ts';
import { dataBehind, linkTo, moment, section, table, type View } from '../view.ts';

function budgetGauge(view: View, finding: Finding, index: number): Html {
  const { measured, target } = finding;
  const bullet = {
    lo: measured?.lo ?? 0,
    hi: measured === undefined ? 0 : measured.hi,
    target: target?.value,
    verdict: finding.verdict,
  };
  const words = `${measuredText(measured, target)}, target ${boundText(target)}`;
  const about = { id: `ui-budget-${index}`, title: `Budget of ${oneLine(finding.subject, 90)}`, desc: words };
  return html`<li><div class="gauge-name"><b>${linkTo(view, finding.id, oneLine(finding.subject, 90))}</b><span class="sub">n = ${formatNumber(finding.samples, 0)}</span></div><div class="gauge-bar">${bulletGauge(about, bullet, bulletTop([bullet]))}</div><div class="gauge-words"><b>${words}</b><span class="sub">${marginText(finding)}</span></div></li>`;
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

function example(view: View, { example: one }: FailureGroup): Html {
  const hops = one.chain?.hops.map((hop) => `${oneLine(hop.service, 40)} ${oneLine(hop.zone, 40)}`).join(' → ');
  const rest = one.chain?.rest ?? '';
  const answer = one.error === undefined ? `status ${formatNumber(one.status, 0)}` : `${one.error}, no answer`;
  return html`request ${one.seq}, due ${moment(view, one.due)}, ${answer}, ${formatNumber(one.latencyMs, 1)} ms${hops === undefined || hops === '' ? '' : html`, ${hops}`}${rest === '' ? '' : html`<div class="quote">${oneLine(rest, 300)}</div>`}`;
}

const MOST_GROUPS = 50;

function groupsTable(view: View): Html {
  const { groups } = view.result.budget;
  if (groups.length === 0) return html`<p class="none">No request failed in this window.</p>`;
  const more = groups.length - MOST_GROUPS;
  return html`${table({
    caption: 'What failed, most frequent first',
    columns: ['Cause', 'Count', 'Path and caller', 'First', 'Last', 'One example'],
    stacks: true,
    rows: groups
      .slice(0, MOST_GROUPS)
      .map((group) => [
        { head: oneLine(group.cause, 200) },
        { num: formatNumber(group.count, 0) },
        html`${oneLine(group.path, 90)}<div class="sub">${oneLine(group.caller, 90)}</div>`,
        moment(view, group.first),
        moment(view, group.last),
        example(view, group),
      ]),
  })}${more > 0 ? html`<p class="sub">${countText(more, 'more group')} in result.json.</p>` : ''}`;
}

/** How many requests the fault cost, against how many it may cost. */
export function budgetSection(view: View): Html {
  const { budget, findings } = view.result;
  const judged = findings.filter(({ objective }) => objective === 'errorBudget');
  const gauges =
    judged.length === 0
      ? html`<p class="none">No error budget was declared.</p>`
      : html`<ul class="gauges">${judged.map((finding, at) => budgetGauge(view, finding, at))}</ul>`;
  const lead =
    budget.total === 0 && budget.dropped === 0
      ? 'No request was counted.'
      : html`From injection to the end of the undo (${view.time.range(budget.window.start, budget.window.end)}): ${shareText(budget.bad, budget.total)} bad; ${formatNumber(budget.dropped, 0)} dropped by the load generator or sent too late, counted apart.`;
  const paths =
    budget.paths.length === 0
      ? ''
      : table({
          caption: 'Requests of each path',
          columns: ['Path', 'Sent', 'Good', 'Bad', 'Share bad', 'Dropped'],
          rows: budget.paths.map((path) => [
            { head: oneLine(path.path, 90) },
            { num: formatNumber(path.total, 0) },
            { num: formatNumber(path.total - path.bad, 0) },
            { num: formatNumber(path.bad, 0) },
            { num: shareText(path.bad, path.total) },
            { num: formatNumber(path.dropped, 0) },
          ]),
        });
  const callers =
    budget.callers.length === 0
      ? ''
      : dataBehind({
          caption: 'bad requests of each caller',
          columns: ['Caller', 'Zone', 'Bad'],
          rows: budget.callers
            .slice(0, 200)
            .map(({ caller, zone, bad }) => [
              { head: oneLine(caller, 90) },
              oneLine(zone, 60),
              { num: formatNumber(bad, 0) },
            ]),
        });
  return section(
    'budget',
    'Error budget',
    lead,
    html`${gauges}${burn(view)}${groupsTable(view)}${paths}${callers}${burnTable(view)}`,
  );
}
