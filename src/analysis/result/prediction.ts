import { isAt, isByLocality, placeText } from '../../model/place.ts';
import type {
  ComparedValue,
  PredictedCaller,
  PredictedStage,
  PredictionReview,
  TimeRange,
} from '../../model/prediction.ts';
import type { Budget, EjectionSummary, Ladder, Recovery, Rung } from '../../model/result.ts';
import { lowerLimit, PASS_RISK, upperLimit } from '../../stats/index.ts';
import type { Facts } from '../timeline/history.ts';

/** What a run has measured of the things that predictions are about. */
type MeasuredParts = {
  readonly recoveries: readonly Recovery[];
  readonly ladders: readonly Ladder[];
  readonly ejections: EjectionSummary;
  readonly budget: Budget;
};

type Row = Omit<ComparedValue, 'state'>;

/**
 * Holds what the model said against what was measured. A count and a share agree when the intervals meet; a time when what
 * was measured lies inside. A run that did not come to its end has measured nothing that was predicted.
 */
export function predictionReview(facts: Facts, measured: MeasuredParts): PredictionReview | undefined {
  const predicted = facts.events.find((event) => event.type === 'prediction')?.prediction;
  if (predicted === undefined) return undefined;
  if (predicted.state === 'not-predicted') return { predicted, compared: [] };
  const rows = [
    ...predicted.stages.flatMap((stage, index) => [
      ...pathRows(stage, index + 1, measured),
      ...stage.callers.flatMap((caller) => shareRows(stage, index + 1, caller, measured.ladders)),
    ]),
    ...predicted.ejections.map(({ service, enforced }) => ejectionRow(service, enforced, measured.ejections)),
  ];
  const isWhole = facts.status === 'completed';
  return { predicted, compared: rows.map((row) => ({ ...row, state: isWhole ? stateOf(row) : 'not-measured' })) };
}

/** Requests that nothing is known about may have been bad, and may have been part of an outage. */
function pathRows({ faults, paths }: PredictedStage, stage: number, { recoveries, budget }: MeasuredParts): Row[] {
  return paths.flatMap(({ path, bad, out }): Row[] => {
    const found = recoveries.find((one) => one.path === path && sameNames(one.faults, faults));
    const unknown = budget.paths.find((one) => one.path === path)?.unknown ?? 0;
    const counted = found && { lo: found.bad - found.doubtful, hi: found.bad + unknown };
    const rows: Row[] = [
      {
        id: `prediction/bad/${path}/stage-${stage}`,
        what: `bad requests of ${path}`,
        unit: 'count',
        predicted: bad,
        ...(counted !== undefined && { measured: counted }),
      },
    ];
    if (out === undefined) return rows;
    const lasted = found?.lasted && secondsOf(found.lasted);
    rows.push({
      id: `prediction/out/${path}/stage-${stage}`,
      what: `outage of ${path}`,
      unit: 's',
      predicted: bad.lo === 0 ? { ...out, lo: 0 } : out,
      ...(found !== undefined && unknown === 0 && { measured: lasted ?? { lo: 0, hi: 0 } }),
    });
    return rows;
  });
}

function secondsOf({ lo, hi }: { readonly lo: number; readonly hi: number | null }): TimeRange {
  return { lo: lo / 1e6, hi: hi === null ? null : hi / 1e6 };
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean => a.join('\n') === b.join('\n');

/** Shares that the scenario's own order asks for; a place that was not to serve and did not has none. */
function shareRows(
  { faults }: PredictedStage,
  stage: number,
  caller: PredictedCaller,
  ladders: readonly Ladder[],
): Row[] {
  const { service, fromZone } = caller;
  const ladder = ladders.find(
    (one) => one.service === service && one.fromZone === fromZone && sameNames(one.faults, faults),
  );
  if (ladder === undefined) return [];
  // What is predicted goes by zones, and tells nothing of places that share them.
  if (ladder.rungs.some(({ place }) => !isByLocality(place) || ('zone' in place && place.cluster !== undefined)))
    return [];
  // An order may name the callers' own zone, which stands in front of every order.
  const byPlace = Map.groupBy(ladder.rungs, ({ place }) => ('region' in place ? place.region : placeText(place)));
  return [...byPlace].flatMap(([place, rungs]): Row[] => {
    const predicted = shareOf(caller, rungs[0] as Rung, ladder);
    const hits = rungs.reduce((sum, rung) => sum + rung.hits, 0);
    const { samples } = ladder;
    if (samples === 0 || (predicted.hi === 0 && hits === 0)) return [];
    return [
      {
        id: `prediction/share/${service}/${fromZone}/${place}/stage-${stage}`,
        what: `share of ${service} in ${place} for callers in ${fromZone}`,
        unit: '%',
        predicted: { lo: predicted.lo * 100, hi: predicted.hi * 100 },
        measured: {
          lo: lowerLimit(hits, samples, PASS_RISK) * 100,
          hi: upperLimit(hits, samples, PASS_RISK) * 100,
        },
      },
    ];
  });
}

/** A region is its zones but for those that have rungs of their own. */
function shareOf({ places }: PredictedCaller, { place }: Rung, { rungs }: Ladder): { lo: number; hi: number } {
  const named = rungs.flatMap((rung) => ('zone' in rung.place ? [rung.place.zone] : []));
  const own = places.filter(
    ({ zone, region }) => isAt({ zone, region }, place) && ('zone' in place || !named.includes(zone)),
  );
  const sum = (of: 'lo' | 'hi'): number => own.reduce((total, { share }) => total + share[of], 0);
  return { lo: Math.min(1, sum('lo')), hi: Math.min(1, sum('hi')) };
}

function ejectionRow(service: string, predicted: TimeRange, { readable, services }: EjectionSummary): Row {
  const enforced = services.find((one) => one.service === service)?.enforced ?? 0;
  return {
    id: `prediction/ejections/${service}`,
    what: `ejections of ${service}`,
    unit: 'count',
    predicted,
    ...(readable && { measured: { lo: enforced, hi: enforced } }),
  };
}

function stateOf({ predicted, measured, unit }: Row): ComparedValue['state'] {
  if (measured === undefined) return 'not-measured';
  const [said, seen] = [predicted, measured].map(({ lo, hi }) => ({ lo, hi: hi ?? Number.POSITIVE_INFINITY }));
  if (said === undefined || seen === undefined) return 'not-measured';
  const isInside =
    unit === 's' ? seen.lo >= said.lo && seen.hi <= said.hi : seen.lo <= said.hi + SLACK && seen.hi >= said.lo - SLACK;
  return isInside ? 'inside' : 'missed';
}

/** Of sums of shares. */
const SLACK = 1e-9;
