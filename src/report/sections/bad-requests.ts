import type { BadRequests, RunResult } from '../../model/result.ts';
import { oneLine } from '../escape.ts';
import { answerText, chainText, whatFailed } from '../failures.ts';
import { countText, formatNumber } from '../format.ts';
import { type Html, html } from '../html.ts';
import { moment, table, type View } from '../view.ts';

function rest(others: BadRequests['rest']): Html {
  if (others.length === 0) return html``;
  return table({
    caption: 'All later ones, by what went wrong',
    columns: ['Cause', 'Count'],
    rows: others.map((group) => [{ head: oneLine(whatFailed(group), 300) }, { num: formatNumber(group.count, 0) }]),
  });
}

function whole(view: View, first: BadRequests['first']): Html {
  return table({
    caption: 'In the order in which they were due',
    columns: ['Due', 'Path and caller', 'Cause', 'Answer'],
    stacks: true,
    filters: true,
    rows: first.map((one) => {
      const chain = chainText(one);
      return [
        moment(view, one.due),
        html`${oneLine(one.path, 90)} <span class="sub">request ${one.seq}</span><div class="sub">${oneLine(one.caller, 90)}</div>`,
        oneLine(whatFailed(one), 300),
        html`${answerText(one)}${chain === '' ? '' : html`<div class="sub">${chain}</div>`}`,
      ];
    }),
  });
}

/** How many bad requests a run had, before, under and after its faults. */
function countOf({ first, rest: others }: BadRequests): number {
  return first.length + others.reduce((sum, { count }) => sum + count, 0);
}

/** Every bad request of the run, whichever part of it: the first in full, the others counted. */
export function badRequestList(view: View): Html {
  const { badRequests }: Pick<RunResult, 'badRequests'> = view.result;
  if (badRequests === undefined || badRequests.first.length === 0) return html``;
  const { first } = badRequests;
  const all = countOf(badRequests);
  const shown = first.length < all ? `, the first ${formatNumber(first.length, 0)} in full` : '';
  return html`<details class="data" id="ui-bad"><summary>Every bad request of the run: ${countText(all, 'request')}${shown}</summary>${whole(view, first)}${rest(badRequests.rest)}</details>`;
}
