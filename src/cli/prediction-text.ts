import type { PredictedCaller, PredictedPlace, Prediction, Range, TimeRange } from '../model/prediction.ts';

/** A prediction as people read it in a plan: for each zone of callers what they will see, and why. */
export function describePrediction(prediction: Prediction): string[] {
  if (prediction.state === 'not-predicted') return [`Prediction: not predicted: ${prediction.reason}`];
  const { stages, assumptions, draws } = prediction;
  return [
    `Prediction (95 % of ${draws} draws of the mesh model)`,
    ...stages.flatMap(({ faults, callers }) => [
      `  With ${faults.join(' and ')}`,
      ...(callers.length === 0 ? ['    no service of the call chain is hit'] : []),
      ...callers.filter(isTouched).flatMap(describeCaller),
      ...restText(callers),
    ]),
    ...(assumptions.length === 0 ? [] : [`  Taken for granted: ${assumptions.join('; ')}`]),
  ];
}

/** Whether anything is said of these callers but that they stay at home. */
function isTouched({ bad, early, why, places, fromZone }: PredictedCaller): boolean {
  const home = places.find(({ zone }) => zone === fromZone);
  return bad.hi > 0 || early > 0 || why.length > 0 || home === undefined || home.share.lo < 1;
}

/** A line for each service, where a stage tells of several: a zone may call all of them. */
function restText(callers: readonly PredictedCaller[]): string[] {
  const rest = callers.filter((caller) => !isTouched(caller));
  const isOne = new Set(callers.map(({ service }) => service)).size === 1;
  return [...Map.groupBy(rest, ({ service }) => service)].map(([service, own]) => {
    const zones = own.map(({ fromZone }) => zoneText(fromZone)).join(', ');
    return `    callers ${isOne ? '' : `of ${service} `}in ${zones}: nothing changes`;
  });
}

function describeCaller({ service, fromZone, bad, out, places, why }: PredictedCaller): string[] {
  const took = out === undefined ? '' : `, out for ${secondsText(out)}`;
  const order = places.filter(({ share }) => share.hi > 0).map(placeText);
  return [
    `    callers of ${service} in ${zoneText(fromZone)}: ${countText(bad)} bad${took}`,
    `      then served by ${order.length === 0 ? 'nobody' : order.join(', ')}; left: ${places.map(leftText).join(', ')}`,
    ...why.map((reason) => `      ${reason}`),
  ];
}

function countText({ lo, hi }: Range): string {
  return lo === hi ? `${hi}` : `${lo} to ${hi}`;
}

function secondsText({ lo, hi }: TimeRange): string {
  return hi === null ? `${lo.toFixed(2)} s and more, until the undo` : `${lo.toFixed(2)} to ${hi.toFixed(2)} s`;
}

function placeText({ zone, share }: PredictedPlace): string {
  const [lo, hi] = [Math.round(share.lo * 100), Math.round(share.hi * 100)];
  return `${zoneText(zone)} ${lo === hi ? '' : `${lo} to `}${hi} %`;
}

function leftText({ zone, serving, before }: PredictedPlace): string {
  return `${serving} of ${before} in ${zoneText(zone)}`;
}

function zoneText(zone: string): string {
  return zone === '' ? 'an unknown zone' : zone;
}
