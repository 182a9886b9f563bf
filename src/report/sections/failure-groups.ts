import type { FailureGroup } from '../../model/result.ts';
import { oneLine } from '../escape.ts';
import { answerText, chainText, whatFailed } from '../failures.ts';
import { formatNumber } from '../format.ts';
import { type Html, html } from '../html.ts';
import { moreText } from '../shortlist.ts';
import { moment, table, type View } from '../view.ts';

/** The others say the same at other callers, as a rule. */
const MOST_GROUPS = 15;

function example(view: View, { example: one }: FailureGroup): Html {
  const hops = chainText(one);
  const rest = one.chain?.rest ?? one.text ?? '';
  return html`request ${one.seq}, due ${moment(view, one.due)}, ${answerText(one)}${hops === '' ? '' : html`, ${hops}`}${rest === '' ? '' : html`<div class="quote">${oneLine(rest, 300)}</div>`}`;
}

/** What failed, by cause, path and caller. */
export function groupsTable(view: View): Html {
  const { groups } = view.result.budget;
  if (groups.length === 0) return html`<p class="none">No request failed in this window.</p>`;
  const more = moreText(groups.length - MOST_GROUPS);
  return html`${table({
    caption: 'What failed, most frequent first',
    columns: ['Cause', 'Count', 'Path and caller', 'First', 'Last', 'One example'],
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
        example(view, group),
      ]),
  })}${more === '' ? '' : html`<p class="sub">${more}</p>`}`;
}
