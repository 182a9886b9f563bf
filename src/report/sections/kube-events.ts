import type { KubeEvents } from '../../model/result.ts';
import { oneLine } from '../escape.ts';
import { countText, formatNumber } from '../format.ts';
import { type Html, html } from '../html.ts';
import { linkTo, moment, table, type View } from '../view.ts';

/** What is not in the list, and why. */
function notes({ more, others, unread }: KubeEvents): string {
  return [
    ...(more > 0 ? [`${formatNumber(more, 0)} later ones of these objects are in history.ndjson`] : []),
    ...(others > 0
      ? [`${countText(others, 'Event')} of other objects ${others === 1 ? 'is' : 'are'} in history.ndjson`]
      : []),
    ...(unread.length > 0
      ? [`Events could not be read in ${unread.map((place) => oneLine(place, 80)).join(', ')}`]
      : []),
  ].join('; ');
}

/** What Kubernetes told of the objects that the faults touched; nothing in results of before Events were read. */
export function kubeEventTable(view: View): Html {
  const { kubeEvents } = view.result;
  if (kubeEvents === undefined) return html``;
  const { events } = kubeEvents;
  const told = notes(kubeEvents);
  const left = told === '' ? '' : html`<p class="sub">${told}.</p>`;
  if (events.length === 0) return html`<p class="none">Kubernetes told no Event of what the faults touched.</p>${left}`;
  const warnings = events.filter(({ warning }) => warning).length;
  const summary = `${countText(events.length, 'Event')} of what the faults touched, ${countText(warnings, 'warning')}`;
  return html`<details class="data"><summary>Kubernetes: ${summary}</summary>${table({
    caption: 'Events of objects that faults changed or hit, and of their pods',
    columns: ['When', 'Cluster', 'Object', 'Event', 'What it says'],
    stacks: true,
    filters: true,
    rows: events.map((event) => [
      moment(view, event.at),
      html`<span class="whole">${oneLine(event.cluster, 60)}</span>`,
      html`${oneLine(event.kind, 40)} ${linkTo(view, event.id, oneLine(event.name, 90))}`,
      html`<span class="whole">${event.warning ? html`<strong class="v v-inconclusive"><span aria-hidden="true">!</span> ${oneLine(event.reason, 60)}</strong>` : oneLine(event.reason, 60)}</span>`,
      html`${oneLine(event.message, 300)}${event.count > 1 ? html` <span class="sub">${formatNumber(event.count, 0)} times</span>` : ''}`,
    ]),
  })}</details>${left}`;
}
