import { type Place, placeText } from '../../../model/place.ts';
import type { Ladder, Rung } from '../../../model/result.ts';
import type { FailoverOrder } from '../../../model/scenario.ts';
import { besideRequests, besideText } from '../../facts/beside.ts';
import type { Case } from '../../facts/case.ts';
import type { ServiceEjections } from '../../facts/ejections.ts';
import type { Farther } from '../../facts/farther.ts';
import { count, list, percent, seconds } from '../../facts/format.ts';
import type { OrderInStage } from '../../facts/order-in-stage.ts';
import { placesOf } from '../../facts/rungs.ts';
import { isFarther, type RungCount, type Stretch } from '../../facts/stretches.ts';
import { within } from '../../timeline/windows.ts';
import type { Judgement } from '../finding.ts';

/** A place in words. */
export const nameOf = (place: Place | undefined): string => (place === undefined ? 'nowhere' : placeText(place));

/** The sites of a rung that no declared place has. */
const sitesText = ({ sites }: RungCount): string => sites.map(({ name }) => name).join(', ');

const rungText = (order: FailoverOrder, count: RungCount): string =>
  count.rung === -1 ? sitesText(count) : nameOf(placesOf(order)[count.rung]);

function ejectionText({ enforced }: ServiceEjections): string {
  return enforced.hi > 0 ? 'by ejection' : 'without any ejection seen';
}

/** Where that is known from: the answers need no word. */
function countedText(run: Case, { counts: { lag, order, stage } }: OrderInStage): string {
  if (lag === 0) return '';
  const numbers = besideText(besideRequests(run, order, within(run.segments, stage)));
  return `, as their proxies counted (${numbers} of their zone under the fault) between readings up to ${seconds(lag)} s apart,`;
}

/** Where the callers were served, in words. */
export function orderStory(run: Case, ladder: OrderInStage, stretch: Stretch | undefined): string {
  const { order } = ladder.counts;
  const who = `Callers of ${order.service} in ${placeText(order.from)}`;
  if (stretch === undefined) return `${who} were not watched: the stage ended before traffic was steady.`;
  const expected = nameOf(placesOf(order)[stretch.expected]);
  const isKnown = stretch.capacity.every(({ healthy }) => healthy !== null);
  const basis = isKnown
    ? 'the nearest place with healthy endpoints'
    : 'by the declared order, because the endpoints were not observed';
  if (stretch.samples === 0) {
    const isCounted = run.listeners.wide.doubt(order, stretch.window, 0) !== undefined;
    const told = isCounted ? 'in no second that is known' : 'by nobody';
    return `${who} were served ${told} once the fault was on; expected was ${expected}, ${basis}.`;
  }
  const target = stretch.required[0]?.share ?? 1;
  const shares = stretch.rungs
    .filter(({ hits }) => hits > 0)
    .map((rung) => `${rungText(order, rung)} ${percent(rung.hits / stretch.samples, target)}`);
  const spill =
    stretch.last > stretch.expected ? `, spilling to ${nameOf(placesOf(order)[stretch.last])} at the farthest` : '';
  return `${who} were served by ${list(shares)}${countedText(run, ladder)} (${ejectionText(run.ejectionsOf(order.service))}); expected was ${expected}, ${basis}, with at least ${percent(target)}${spill}.`;
}

/** How many calls went farther than they had to, and where. */
export function fartherText(order: FailoverOrder, { hits, places, stretch }: Farther): string {
  const nearest = nameOf(placesOf(order)[stretch.last]);
  return `${hits} of ${count(stretch.samples, 'call')} of ${order.service} from ${placeText(order.from)} went to ${list(places)}, though ${nearest} had healthy endpoints`;
}

/** Who answered too early, in words; empty where nobody did. */
export function earlyStory({ early, counts }: OrderInStage): string {
  if (early.length === 0) return '';
  const hits = early.reduce((sum, rung) => sum + rung.hits, 0);
  return ` Before that, ${list(early.map((rung) => rungText(counts.order, rung)))} answered ${count(hits, 'call')} first.`;
}

/** What became of one rung in the stretch that is told. */
function rungState(
  ladder: OrderInStage,
  stretch: Stretch,
  { rung, hits }: RungCount,
  judged: Judgement,
): Rung['state'] {
  const isNear = rung >= 0 && rung < stretch.expected;
  if (stretch.samples === 0 && rung === stretch.expected) return 'never';
  if (ladder.early.some((early) => early.rung === rung)) return 'too-early';
  if (isNear) return hits > stretch.samples * 0.05 ? 'unexpected' : 'down';
  if (rung === stretch.expected) return expectedState(hits / stretch.samples, judged);
  if (hits === 0) return 'not-needed';
  if (judged.verdict !== 'fail' || !isFarther(rung, stretch.last)) return 'partly';
  return rung === -1 ? 'unexpected' : 'too-early';
}

function expectedState(share: number, judged: Judgement): Rung['state'] {
  if (share < 0.05) return 'skipped';
  return judged.verdict === 'fail' ? 'partly' : 'took-over';
}

/** One order in one stage, as results show it. */
export function ladderRow(
  run: Case,
  ladder: OrderInStage,
  { told, judged }: { readonly told: { readonly stretch: Stretch } | undefined; readonly judged: Judgement },
  id: string,
): Ladder {
  const { order, stage } = ladder.counts;
  const stretch = told?.stretch;
  const rungs = (stretch?.rungs ?? []).filter(({ rung, sites }) => rung >= 0 || sites.length > 0);
  return {
    id: id.replace('failoverOrder/', 'order/'),
    service: order.service,
    fromZone: order.from.zone,
    ...(order.from.cluster !== undefined && { fromCluster: order.from.cluster }),
    faults: stage.active.map((fault) => fault.name),
    stage: stage.index + 1,
    start: ladder.from,
    end: stage.end,
    rungs: rungs.map((row): Rung => {
      const part = stretch as Stretch;
      const firsts = row.counts.flatMap(({ first }) => first ?? []).sort((a, b) => a.due - b.due);
      return {
        place: row.rung === -1 ? { zone: sitesText(row) } : (placesOf(order)[row.rung] ?? { zone: '' }),
        origin: row.rung === 0 ? 'home' : row.rung === -1 ? 'other' : 'declared',
        capacity: part.capacity[row.rung]?.healthy ?? null,
        expectedShare: row.rung === part.expected ? (part.required[0]?.share ?? 0) : 0,
        share: part.samples === 0 ? 0 : row.hits / part.samples,
        hits: row.hits,
        ...(firsts[0] !== undefined && { firstHit: firsts[0].due }),
        state: rungState(ladder, part, row, judged),
        evidence: run.evidence.requests(firsts[0]),
      };
    }),
    samples: stretch?.samples ?? 0,
    finding: id,
  };
}
