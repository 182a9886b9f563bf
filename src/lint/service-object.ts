import type { KubeObject } from '../model/kubernetes.ts';
import type { Call } from './system.ts';

/** The called Service in the caller's cluster. */
export function serviceOf({ caller, service }: Pick<Call, 'caller' | 'service'>): KubeObject | undefined {
  return caller.live.services.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === service);
}
