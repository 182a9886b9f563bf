import type { AttemptOutcome } from '../mesh/outcome.ts';
import type { ClusterSettings, OutlierSettings } from '../mesh/settings.ts';
import type { PredictedPlace } from '../model/prediction.ts';
import { slowestRate } from '../model/rates.ts';
import type { Way } from './calling-proxy.ts';
import type { DrawnStage, Question } from './draw.ts';
import { servicesHit } from './hit.ts';
import { medianOf } from './ranges.ts';
import type { Tally } from './tally.ts';

/** What is known of the callers of one zone in one stage. */
type Facts = {
  readonly service: string;
  readonly fromZone: string;
  readonly early: number;
  readonly places: readonly PredictedPlace[];
  readonly seen: readonly Tally[];
  readonly stages: readonly DrawnStage[];
  /** What ended attempts that had no answer. */
  readonly ends: ReadonlySet<AttemptOutcome['kind']>;
};

/** Less than this leaves home early without a reason worth a word. */
const WORTH_TELLING = 0.03;

/** Why callers will see what they will see, in words. */
export function whyOf(question: Question, facts: Facts): string[] {
  if (isAnsweredFor(question, facts)) return answeredFor(facts);
  const way = wayOf(facts);
  if (way === undefined) return [];
  if (way.kind !== 'mesh') return [way.why];
  const { settings } = way.proxy;
  return [
    ...neverBites(question, facts),
    ...packetReasons(settings, facts, question),
    ...failures(settings, facts, question),
    ...(isReplacing(question, facts) ? earlyLeave(question, settings, facts) : []),
    ...homeShare(facts),
    ...nothingNoticed(question, facts),
  ];
}

/** How the callers call. */
function wayOf({ stages, service, fromZone }: Facts): Way | undefined {
  const loads = stages.flatMap((stage) => stage.loads);
  return loads.find((load) => load.service === service && load.fromZone === fromZone)?.way;
}

/** Whether no fault but those in callers' own proxies is about the service. */
function isAnsweredFor({ system, moves }: Question, { service }: Facts): boolean {
  const own = moves.filter((move) => servicesHit(system, [move]).includes(service));
  return own.length > 0 && own.every(({ kind }) => kind === 'caller-fault');
}

/** Whether pods of the service start anew, and are not ready meanwhile. */
function isReplacing({ system, moves }: Question, { service }: Facts): boolean {
  const own = moves.filter((move) => servicesHit(system, [move]).includes(service));
  return own.some(({ kind }) => kind === 'rollout' || kind === 'kill');
}

function answeredFor({ seen }: Facts): string[] {
  if (medianOf(seen.map(({ bad }) => bad)) === 0) return [];
  return ['the callers’ own proxies answer in its place: no host is ejected, and it goes on until the undo'];
}

function neverBites({ moves }: Question, { stages }: Facts): string[] {
  if (stages.some(({ effect }) => effect !== undefined)) return [];
  const isProbed = moves.some((move) => move.kind === 'rollout' && !move.rollout.becomesReady);
  return [
    isProbed
      ? 'a probe keeps the swapped pods from ever being ready, so that old ones stay: the fault does not bite'
      : 'the pods take longer than a run waits for the fault to be on: it ends before that',
  ];
}

/** Why callers find out, or do not, that packets are lost or late: by their own limits (Envoy: router.cc, conn_pool_base.cc). */
function packetReasons(
  { connectTimeoutMs, outlier }: ClusterSettings,
  { ends, service }: Facts,
  question: Question,
): string[] {
  const own = question.moves.filter((move) => servicesHit(question.system, [move]).includes(service));
  const packets = own.find((move) => move.kind === 'packets');
  if (packets === undefined) return [];
  const counts =
    outlier === undefined
      ? ''
      : `, which outlierDetection counts as ${outlier.splitLocalOrigin ? 'a failure of local origin' : 'a 5xx'}`;
  const found = [
    ...(ends.has('timeout')
      ? [`a timeout of the callers’ route ends calls (504)${counts} where they had a connection`]
      : []),
    ...(ends.has('connect-timeout')
      ? [`connectTimeout (${connectTimeoutMs / 1000} s) ends connections that do not come up${counts}`]
      : []),
    ...(ends.has('reset') || ends.has('connect-refused') ? [`connections are reset and refused${counts}`] : []),
  ];
  const isChance = packets.packets.effect.kind === 'loss';
  if (found.length === 0)
    return [
      isChance
        ? 'no timeout of the callers was met: what is lost is sent again'
        : 'no timeout of the callers ends late calls: they are answered, and nobody is ejected for them',
    ];
  return isChance ? [...found, 'whether so many in a row fail is chance: see the ranges'] : found;
}

function failures(settings: ClusterSettings, facts: Facts, { scenario, system }: Question): string[] {
  if (medianOf(facts.seen.map(({ bad }) => bad)) === 0) return [];
  const { outlier, mergeWindowMs } = settings;
  const service = facts.service.split('/')[1] ?? '';
  if (outlier === undefined) {
    return [`no outlierDetection in force for ${service}: failures go on until the undo`];
  }
  const limit = limitText(
    outlier,
    facts,
    system.pods.filter((pod) => pod.services.some((one) => one.service === facts.service)).length,
  );
  if (limit !== undefined) return [limit];
  return [
    ...thresholdText(outlier),
    ...windowText(mergeWindowMs, facts, slowestRate(scenario.load)),
    ...returnText(outlier, scenario.phases.holdMs),
  ];
}

/** Where a limit keeps hosts from being ejected. */
function limitText({ maxEjectionPercent }: OutlierSettings, facts: Facts, hosts: number): string | undefined {
  const prevented = facts.stages.filter(({ ejections }) => (ejections.get(facts.service)?.overflow ?? 0) > 0);
  if (prevented.length * 2 < facts.stages.length) return undefined;
  const share = `maxEjectionPercent ${maxEjectionPercent} of ${hosts} hosts`;
  return maxEjectionPercent * hosts < 100
    ? `${share} is less than one host: nothing is ejected`
    : `${share} does not allow to eject all that fail`;
}

function thresholdText({ rules }: OutlierSettings): string[] {
  const { threshold } = rules.consecutive_5xx;
  return threshold > 1 ? [`a host is ejected after ${threshold} failures in a row (consecutive5xxErrors)`] : [];
}

function windowText(windowMs: number, { seen }: Facts, rate: number): string[] {
  if (windowMs === 0) return ['the merge window is off: the first failing call costs what arrives during it, no more'];
  const long = seen.filter(
    ({ out }) => out !== undefined && (out.hi ?? Number.POSITIVE_INFINITY) >= 0.9 * windowMs,
  ).length;
  const share = long / seen.length;
  const cost = `the merge window costs ${windowMs / 1000} s here: workers hear of the ejection only then (${Math.round((rate * windowMs) / 1000)} requests at ${rate}/s)`;
  if (share < 0.05) return [];
  if (share > 0.95) return [cost];
  const rest = `in ${Math.round((1 - share) * 100)} of 100 cases the end of the old pods comes as a push of its own, which ends that wait at once`;
  return [cost, rest];
}

function returnText({ baseEjectionMs }: OutlierSettings, holdMs: number): string[] {
  return baseEjectionMs < holdMs
    ? [
        `an ejection ends after ${baseEjectionMs / 1000} s (baseEjectionTime), while the fault is still on: then calls fail again`,
      ]
    : [];
}

function earlyLeave({ system }: Question, settings: ClusterSettings, { early, fromZone }: Facts): string[] {
  if (early < WORTH_TELLING || !settings.sendsUnready) return [];
  const share = Math.round(early * 100);
  const home = system.pods.find(({ locality }) => locality.zone === fromZone)?.cluster;
  const istio = system.clusters.find(({ name }) => name === home)?.istio;
  return [`unready pods count with Istio ${istio}: about ${share} % leaves home during the rollout`];
}

/** The rule of 140 % where home keeps some of its pods. */
function homeShare({ places, fromZone }: Facts): string[] {
  const home = places.find(({ zone }) => zone === fromZone);
  if (home === undefined || home.serving === 0 || home.serving >= home.before) return [];
  const share = Math.min(100, Math.floor((140 * home.serving) / home.before));
  return [
    `${home.serving} of ${home.before} pods at home still serve: they keep ${share} % (Envoy counts them 1.4-fold)`,
  ];
}

function nothingNoticed({ moves }: Question, { seen }: Facts): string[] {
  const kills = moves.length > 0 && moves.every(({ kind }) => kind === 'kill' || kind === 'scale');
  if (!kills || medianOf(seen.map(({ bad }) => bad)) > 0) return [];
  return ['a deleted pod leaves the endpoints before its containers end: no call needs to fail'];
}
