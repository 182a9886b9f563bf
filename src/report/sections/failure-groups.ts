import type { FailureGroup } from '../../model/result.ts';
import { oneLine } from '../escape.ts';
import { answerText, chainText, whatFailed } from '../failures.ts';
import { formatNumber } from '../format.ts';
import { type Html, html } from '../html.ts';
import { mechanismCell } from '../mechanisms.ts';
import { moreText } from '../shortlist.ts';
import { moment, table, type View } from '../view.ts';

/** The others say the same at other callers, as a rule. */
const MOST_GROUPS = 15;

function example(view: View, { example: one }: FailureGroup): Html {
  const hops = chainText(one);
  const rest = one.chain?.rest ?? one.text ?? '';
  return html`request ${one.seq}, due ${moment(view, one.due)}, ${answerText(one)}${hops === '' ? '' : html`, ${hops}`}${rest === '' ? '' : html`<div class="quote">${oneLine(rest, 300)}</div>`}`;
}

/** What failed of those that the error budget counts. */
export function groupsTable(view: View): Html {
  const { groups } = view.result.budget;
  if (groups.length === 0) return html`<p class="none">No request failed in this window.</p>`;
  return tableOf(view, groups, 'What failed, most frequent first');
}

/** What failed before the faults and after their undo. */
export function otherGroupsTable(view: View): Html {
  const { groups = [] } = view.result.badRequests ?? {};
  return groups.length === 0 ? html`` : tableOf(view, groups, 'What failed outside this window, most frequent first');
}

/** Groups by cause, path and caller. */
function tableOf(view: View, groups: readonly FailureGroup[], caption: string): Html {
  const more = moreText(groups.length - MOST_GROUPS);
  return html`${table({
    caption,
    columns: ['Cause', 'Count', 'Path and caller', 'First', 'Last', 'How the mesh let it fail', 'One example'],
    stacks: true,
    filters: true,
    rows: groups
      .slice(0, MOST_GROUPS)
      .map((group) => [
        { head: oneLine(whatFailed(group), 300) },
        { num: formatNumber(group.count, 0) },
        html`${oneLine(group.path, 90)}<div class="sub">${oneLine(group.caller, 90)}</div>`,
        moment(view, group.first),
        moment(view, group.last),
        mechanismCell(group),
        example(view, group),
      ]),
  })}${more === '' ? '' : html`<p class="sub">${more}</p>`}`;
}
