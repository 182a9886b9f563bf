import { isHeadless, portsOf, type ServicePort } from '../mesh/istiod/service-port.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Call } from './system.ts';

/** Whether DNS chooses who answers, and no proxy (Istio `conversion.go` convertResolution: ORIGINAL_DST). */
export function isChosenByDns(call: Pick<Call, 'caller' | 'service'>): boolean {
  const service = serviceOf(call);
  return service !== undefined && isHeadless(service);
}

/** The called port, as the caller's istiod knows it. */
export function portOf(call: Call): ServicePort | undefined {
  const service = serviceOf(call);
  return service && portsOf(service).find(({ port }) => port === call.port);
}

/** The called Service in the caller's cluster. */
export function serviceOf({ caller, service }: Pick<Call, 'caller' | 'service'>): KubeObject | undefined {
  return caller.live.services.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === service);
}
