import type { PredictedCaller } from '../../model/prediction.ts';
import { oneLine } from '../escape.ts';
import { percentText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { assumedText, REVIEW_WORDS, rangeText, reviewText, worstFirst } from '../predicted.ts';
import { shortlist } from '../shortlist.ts';
import { section, table, type View } from '../view.ts';

/** Where callers were said to go, nearest first. */
function placesText({ places }: PredictedCaller): string {
  const served = places.filter(({ share }) => share.hi > 0);
  return served
    .map(
      ({ zone, share }) =>
        `${zone} ${share.hi - share.lo < 0.01 ? '' : `${percentText(share.lo)} to `}${percentText(share.hi)}`,
    )
    .join(', ');
}

function callerItem(caller: PredictedCaller): Html {
  const { service, fromZone, bad, out, why } = caller;
  const took = out === undefined ? '' : `, out for ${rangeText(out, 's')}`;
  const reasons = why.map((reason) => html`<span class="sub">${oneLine(reason, 300)}</span>`);
  return html`<li>${oneLine(service, 60)} for callers in ${oneLine(fromZone, 60)}: ${rangeText(bad, 'count')} bad${took}; then served by ${oneLine(placesText(caller), 300)}${reasons}</li>`;
}

/** What the mesh model said before the run, beside what was measured. */
export function predictionSection(view: View): Html {
  const review = view.result.prediction;
  if (review === undefined) {
    const none = html`<p class="none">Nothing was predicted: the record is older than predictions are.</p>`;
    return section('prediction', HEADING, '', none);
  }
  const { predicted, compared } = review;
  const callers = predicted.state === 'predicted' ? predicted.stages.flatMap((stage) => stage.callers) : [];
  const told = shortlist(callers, ({ bad, early }) => bad.hi + early);
  const rows = worstFirst(compared).slice(0, MOST_ROWS);
  const values =
    rows.length === 0
      ? ''
      : table({
          caption: 'Predicted before the run, and measured',
          columns: ['Value', 'Predicted', 'Measured', 'The model'],
          stacks: true,
          rows: rows.map(({ what, predicted: said, measured, unit, state }) => [
            { head: oneLine(what, 120) },
            { num: rangeText(said, unit) },
            { num: rangeText(measured, unit) },
            REVIEW_WORDS[state],
          ]),
        });
  return section(
    'prediction',
    HEADING,
    `The mesh model, from the target's own configuration: ${oneLine(reviewText(review), 400)}. It is no part of the verdict.`,
    html`${values}<ul>${told.shown.map(callerItem)}</ul><p class="sub">${oneLine(assumedText(predicted), 600)}</p>`,
  );
}

const HEADING = 'Predicted beside measured';
/** Rows of the table; result.json has all. */
const MOST_ROWS = 30;
