import type { PredictedCaller, PredictedPlace, PredictedStage, Prediction } from '../model/prediction.ts';
import { recoveryRuleOf } from '../model/recovery-rule.ts';
import { namingOf } from '../model/service-names.ts';
import { assumptionsOf } from './assumptions.ts';
import type { Draw, DrawnStage, Question } from './draw.ts';
import { hitBy } from './hit.ts';
import { rangeOf, timesOf } from './ranges.ts';
import { type Seen, type Tally, tally } from './tally.ts';
import { endsKey, type Hop, type Request } from './traffic.ts';
import { whyOf } from './why.ts';

/** The same stage in every draw, and what somebody saw of it in each. */
type Sheet = { readonly stage: DrawnStage; readonly draw: Draw };

/** Puts the draws together. */
export function summary(question: Question, draws: readonly Draw[]): Prediction {
  const keys = [...new Set(draws.flatMap(({ stages }) => stages.map((stage) => stage.faults.join(' '))))];
  const stages = keys.flatMap((key) => {
    const sheets = draws.flatMap((draw) => {
      const stage = draw.stages.find((one) => one.faults.join(' ') === key);
      return stage === undefined ? [] : [{ draw, stage }];
    });
    // Where draws disagree on what is a stage of its own, most are right.
    return sheets.length * 2 > draws.length ? [stageOf(question, sheets)] : [];
  });
  const last = draws.flatMap(({ stages: all }) => all.at(-1) ?? []);
  const ejections = question.hit.map((service) => ({
    service: nameOf(question, service),
    enforced: rangeOf(last.map((stage) => stage.ejections.get(service)?.enforced ?? 0)),
  }));
  return { state: 'predicted', draws: draws.length, stages, ejections, assumptions: assumptionsOf(question, draws) };
}

function stageOf(question: Question, sheets: readonly Sheet[]): PredictedStage {
  const { scenario, paths } = question;
  const faults = sheets[0]?.stage.faults ?? [];
  const tallies = (pick: (requests: readonly Request[]) => readonly Seen[]): Tally[] =>
    sheets.map(({ stage, draw }, index) =>
      tally(stage, pick, draw.requests, recoveryRuleOf(scenario.expect), fixed(index)),
    );
  const told = paths.map(({ id }) => {
    const seen = tallies((requests) => requests.filter(({ path }) => path === id));
    return { path: id, ...figuresOf(seen) };
  });
  const callers = hitBy(question.system, question.moves.slice(0, faults.length), question.chain).flatMap((service) =>
    zonesCalling(service, sheets).map((fromZone): PredictedCaller => {
      const seen = tallies((requests) => requests.flatMap((request) => callsOf(request, service, fromZone)));
      const [namespace = ''] = service.split('/');
      const early = earlyOf(service, fromZone, sheets);
      const places = placesOf(question, service, fromZone, sheets);
      const ends = new Set(sheets.flatMap(({ draw }) => [...(draw.ends.get(endsKey(service, fromZone)) ?? [])]));
      const stages = sheets.map(({ stage }) => stage);
      const why = whyOf(question, { service, fromZone, early, places, seen, stages, ends });
      return { service: nameOf(question, service), namespace, fromZone, ...figuresOf(seen), early, places, why };
    }),
  );
  return { faults, callers, paths: told };
}

/** What the scenario calls a Service. */
function nameOf({ scenario }: Question, service: string): string {
  const [namespace = '', name = ''] = service.split('/');
  return namingOf(scenario.services ?? {})(namespace, name);
}

function figuresOf(seen: readonly Tally[]): Pick<PredictedCaller, 'bad' | 'out'> {
  const out = timesOf(seen.map((one) => one.out));
  return { bad: rangeOf(seen.map(({ bad }) => bad)), ...(out !== undefined && { out }) };
}

/** Any number, always the same. */
function fixed(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

function callsOf({ due, end, hops }: Request, service: string, fromZone: string): Seen[] {
  return hops.filter((hop) => isOf(hop, service, fromZone)).map(({ zone }) => ({ due, end, bad: zone === undefined }));
}

function isOf(hop: Hop, service: string, fromZone: string): boolean {
  return hop.service === service && hop.fromZone === fromZone;
}

/** Zones from which the service was called. */
function zonesCalling(service: string, sheets: readonly Sheet[]): string[] {
  const zones = new Set<string>();
  for (const { draw } of sheets.slice(0, 5)) {
    for (const { hops } of draw.requests) for (const hop of hops) if (hop.service === service) zones.add(hop.fromZone);
  }
  return [...zones].sort();
}

/** The share of good calls that left home in the time from the injection to the effect, over all draws. */
function earlyOf(service: string, fromZone: string, sheets: readonly Sheet[]): number {
  const good = sheets.flatMap(({ draw, stage }) =>
    draw.requests
      .filter(({ due }) => due >= stage.start && due < (stage.effect ?? stage.end))
      .flatMap(({ hops }) => hops.filter((hop) => isOf(hop, service, fromZone) && hop.zone !== undefined)),
  );
  return good.length === 0 ? 0 : good.filter(({ zone }) => zone !== fromZone).length / good.length;
}

function placesOf(question: Question, service: string, fromZone: string, sheets: readonly Sheet[]): PredictedPlace[] {
  const { pods } = question.system;
  const own = pods.filter((pod) => pod.ready && pod.services.some((one) => one.service === service));
  const region = pods.find(({ locality }) => locality.zone === fromZone)?.locality.region ?? '';
  const places = new Map(own.map(({ locality }) => [locality.zone, locality.region]));
  const distance = (zone: string, at: string): number => (zone === fromZone ? 0 : at === region ? 1 : 2);
  return [...places]
    .map(([zone, at]): PredictedPlace => {
      const shares = sheets.map(
        ({ stage }) =>
          stage.loads.find((load) => load.service === service && load.fromZone === fromZone)?.shares.get(zone) ?? 0,
      );
      const left = sheets[0]?.stage.serving.filter(
        (pod) => pod.locality.zone === zone && pod.services.some((one) => one.service === service),
      );
      const before = own.filter(({ locality }) => locality.zone === zone).length;
      return { zone, region: at, share: rangeOf(shares), serving: left?.length ?? 0, before };
    })
    .sort((a, b) => distance(a.zone, a.region) - distance(b.zone, b.region) || (a.zone < b.zone ? -1 : 1));
}
