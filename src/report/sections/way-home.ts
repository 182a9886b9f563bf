import { oneLine } from '../escape.ts';
import { formatNumber, measuredText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { MOST_SHOWN, moreText } from '../shortlist.ts';
import { moment, table, type View } from '../view.ts';
import { secondsOf } from './recovery-row.ts';

/** Outages after the first undo request; nothing where there was none. */
export function wayHome(view: View): Html {
  const { wayHome: outages } = view.result;
  if (outages.length === 0) return html``;
  const more = moreText(outages.length - MOST_SHOWN);
  return html`<h3>On the way home</h3>${table({
    caption: 'Outages between the undo and the end of the run, longest first',
    columns: ['Path', 'From', 'Lasted', 'Bad'],
    stacks: true,
    rows: outages
      .slice(0, MOST_SHOWN)
      .map((outage) => [
        { head: oneLine(outage.path, 90) },
        moment(view, outage.from),
        { num: measuredText(secondsOf(outage.lasted)) },
        { num: formatNumber(outage.bad, 0) },
      ]),
  })}${more === '' ? '' : html`<p class="sub">${more}</p>`}`;
}
