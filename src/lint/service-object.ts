import { object } from '../mesh/config-read.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Call } from './system.ts';

/** Whether DNS chooses who answers, and no proxy (Istio `conversion.go` convertResolution: ORIGINAL_DST). */
export function isChosenByDns(call: Pick<Call, 'caller' | 'service'>): boolean {
  return object(serviceOf(call)?.spec).clusterIP === 'None';
}

/** The called Service in the caller's cluster. */
export function serviceOf({ caller, service }: Pick<Call, 'caller' | 'service'>): KubeObject | undefined {
  return caller.live.services.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === service);
}
