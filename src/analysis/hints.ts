import type { Case } from './case.ts';
import { list, seconds } from './format.ts';
import type { StageOutcome } from './recoveries.ts';
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

/** One stage's faults in words: what was done, and when it took effect. */
export function faultText({ stage, zero }: StageOutcome): string {
  const what = list(stage.faults.map((fault) => fault.header?.summary ?? fault.name));
  return `${what.replace(/\.$/, '')}; it took effect ${seconds(zero - stage.acknowledged)} s after the acknowledgement.`;
}
