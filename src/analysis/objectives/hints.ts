import type { Case } from '../facts/case.ts';
import { doubtAboutStage } from '../facts/effects.ts';
import { ejectionCoverage, ejectionsOf } from '../facts/ejections.ts';
import { list, seconds } from '../facts/format.ts';
import type { PathOutcome, StageOutcome } from '../facts/recoveries.ts';
import type { Stage } from '../timeline/stages.ts';

/** Services of the call chain that the faults of a stage hit. */
function hitServices(it: Case, stage: Stage): string[] {
  const services = stage.active.flatMap((fault) => fault.affected.flatMap((pod) => it.pods.serviceOf(pod) ?? []));
  return [...new Set(services)];
}

/** Which knob to look at when traffic did not move, or not in time: what the proxies have recorded, or nothing. */
export function failoverHint(it: Case, stage: Stage): string | undefined {
  // Where nothing bit there was nothing to eject.
  if (doubtAboutStage(it, stage) !== undefined) return undefined;
  for (const service of hitServices(it, stage)) {
    const seen = ejectionsOf(it, service);
    const rule = `the DestinationRule of ${service}`;
    if (seen.released !== undefined) {
      return `${seen.released.pod} let an ejected host go after ${seconds(seen.released.after)} s although no endpoint changed: outlierDetection.baseEjectionTime is shorter than the hold, or ${rule} was edited.`;
    }
    if (seen.overflow > 0) {
      return `outlierDetection.maxEjectionPercent in ${rule} kept hosts from being ejected (ejections_overflow ${seen.overflow}): with few hosts a small percentage is less than one host.`;
    }
    if (seen.enforced.hi === 0 && ejectionCoverage(it.facts).complete) {
      return `Nothing of ${service} was ejected: no outlierDetection in ${rule}? Without it Envoy never leaves the dead zone.`;
    }
    if (seen.concerned.lo > 0) {
      return `The proxies did eject ${service}: where traffic goes then is decided by localityLbSetting.failover and failoverPriority in ${rule}, and by the zone and region labels of the nodes.`;
    }
  }
  return undefined;
}

/** Which knob to look at when it cost too many errors: only where the proxies have recorded ejections of what was hit. */
export function budgetHint(it: Case): string | undefined {
  const services = it.stages.flatMap((stage) => hitServices(it, stage));
  return services.some((service) => ejectionsOf(it, service).concerned.lo > 0)
    ? 'consecutive5xxErrors: 1 costs one failure per calling proxy and failing pod, and one for each request under way at the same time; retries with retryOn 5xx in the VirtualService hide them from users.'
    : undefined;
}

/** Envoy's default connect timeout is 10 s; a recovery is seen a little earlier or later than that. */
const ABOUT_CONNECT_TIMEOUT = { from: 8e6, to: 13e6 };

/** The path's bad requests were mostly timeouts, and it took about as long as Envoy waits for a connection. */
function isConnectTimeout(it: Case, stage: Stage, { path, lasted }: PathOutcome): boolean {
  const took = lasted?.hi ?? lasted?.lo ?? 0;
  if (took < ABOUT_CONNECT_TIMEOUT.from || took > ABOUT_CONNECT_TIMEOUT.to) return false;
  const groups = it.listeners.failures.list((group) => group.path === path.id && group.stage === stage.index);
  const sum = (some: typeof groups): number => some.reduce((total, group) => total + group.count, 0);
  return sum(groups.filter(({ cause }) => cause === 'timeout')) * 2 > sum(groups);
}

/** Which knob to look at when one path did not recover, or not in time. */
export function recoveryHint(it: Case, stage: Stage, path: PathOutcome): string | undefined {
  return isConnectTimeout(it, stage, path)
    ? 'Envoy waits connectTimeout (10 s by default) before it ejects a host that drops packets: set trafficPolicy.connectionPool.tcp.connectTimeout in the DestinationRule.'
    : failoverHint(it, stage);
}

/** One stage's faults in words: what was done, and when it took effect. */
export function faultText({ stage, effect }: StageOutcome): string {
  const what = list(stage.faults.map((fault) => fault.header?.summary ?? fault.name));
  const delay = effect.hi - stage.acknowledged;
  const when =
    delay >= 0 ? `${seconds(delay)} s after the acknowledgement` : `${seconds(-delay)} s before the acknowledgement`;
  return `${what.replace(/\.$/, '')}; it took effect ${when}.`;
}
