import { SECTIONS } from '../anchors.ts';
import { oneLine } from '../escape.ts';
import { spanText } from '../format.ts';
import { type Html, html, joined } from '../html.ts';
import type { View } from '../view.ts';

const NAMES: Readonly<Record<(typeof SECTIONS)[number], string>> = {
  verdict: 'Verdict',
  timeline: 'Timeline',
  order: 'Order',
  recovery: 'Recovery',
  budget: 'Budget',
  latency: 'Latency',
  ejections: 'Ejections',
  prediction: 'Prediction',
  evidence: 'Evidence',
  reproduce: 'Reproduce',
  rollback: 'Put back',
};

/** The line above everything: which run this is, and the way to the sections. */
export function header(view: View): Html {
  const { run, startedAt, duration } = view.result;
  const { clusters } = run.topology;
  const facts = [
    html`run <b>${oneLine(run.runId, 60)}</b>`,
    view.time.utc(0) === 'UTC unknown' ? oneLine(startedAt, 40) : view.time.utc(0),
    spanText(duration),
    `${clusters.length === 1 ? 'cluster' : 'clusters'} ${clusters.map(({ name }) => oneLine(name, 40)).join(', ') || 'unknown'}`,
    ...(run.versions.istio === undefined ? [] : [`Istio ${oneLine(run.versions.istio, 60)}`]),
    `faultline ${oneLine(run.tool.version, 30)}`,
  ];
  return html`<header><p class="facts">${joined(facts, html` <span class="dot" aria-hidden="true">·</span> `)}</p></header><nav aria-label="Sections"><ul>${SECTIONS.map(
    (id) => html`<li><a href="#${id}">${NAMES[id]}</a></li>`,
  )}</ul></nav>`;
}
