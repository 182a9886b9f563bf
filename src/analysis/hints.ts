import type { Case } from './case.ts';
import { list, seconds } from './format.ts';
import type { PathOutcome, StageOutcome } from './recoveries.ts';
import type { Stage } from './stages.ts';

/** Services of the call chain that the faults of a stage hit. */
export function hitServices(it: Case, stage: Stage): string[] {
  const services = stage.active.flatMap((fault) => fault.affected.flatMap((pod) => it.pods.serviceOf(pod) ?? []));
  return [...new Set(services)];
}

/** Ejections of a service enforced while the faults were on. */
export function ejected(it: Case, service: string): number {
  return it.ejections.services.find((row) => row.service === service)?.enforced ?? 0;
}

/** Which knob to look at when traffic did not move, or not in time. */
export function failoverHint(it: Case, stage: Stage): string {
  const services = hitServices(it, stage);
  const quiet = services.filter((service) => ejected(it, service) === 0);
  if (it.ejections.readable && quiet.length > 0) {
    return `Nothing of ${list(quiet)} was ejected: no outlierDetection in the DestinationRule of ${list(quiet)}? Without it Envoy never leaves the dead zone.`;
  }
  const names = services.length === 0 ? 'the service' : list(services);
  return `outlierDetection.consecutive5xxErrors and consecutiveGatewayErrors in the DestinationRule of ${names} decide when a pod is ejected, retries in its VirtualService whether callers notice.`;
}

/** Envoy's default connect timeout is 10 s; a recovery is seen a little earlier or later than that. */
const ABOUT_CONNECT_TIMEOUT = { from: 8e6, to: 13e6 };

/** The path's bad requests were mostly timeouts, and it took about as long as Envoy waits for a connection. */
function isConnectTimeout(it: Case, { path, span }: PathOutcome): boolean {
  const took = span?.hi ?? span?.lo ?? 0;
  if (took < ABOUT_CONNECT_TIMEOUT.from || took > ABOUT_CONNECT_TIMEOUT.to) return false;
  const groups = it.observer.failures.list().filter((group) => group.path === path.id);
  const sum = (some: typeof groups): number => some.reduce((total, group) => total + group.count, 0);
  return sum(groups.filter(({ cause }) => cause === 'timeout')) * 2 > sum(groups);
}

/** Which knob to look at when one path did not recover, or not in time. */
export function recoveryHint(it: Case, stage: Stage, path: PathOutcome): string {
  return isConnectTimeout(it, path)
    ? 'Envoy waits connectTimeout (10 s by default) before it ejects a host that drops packets: set trafficPolicy.connectionPool.tcp.connectTimeout in the DestinationRule.'
    : failoverHint(it, stage);
}

/** One stage's faults in words: what was done, and when it took effect. */
export function faultText({ stage, zero }: StageOutcome): string {
  const what = list(stage.faults.map((fault) => fault.header?.summary ?? fault.name));
  return `${what.replace(/\.$/, '')}; it took effect ${seconds(zero - stage.acknowledged)} s after the acknowledgement.`;
}
