import type { KubeObject } from '../../model/kubernetes.ts';
import { asMap, mapOf, mapsOf, stringOf } from '../api/json.ts';

/** An Event of a kubelet on a container. */
type KubeletEvent = {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly component: 'kubelet';
  /** The node. */
  readonly host: string;
};

/** Writes what kubelets tell of their pods. */
export type PodEvents = { record(pod: KubeObject, event: KubeletEvent): void };

/** What a kubelet tells of a container, in its own words (Kubernetes: pkg/kubelet/events). */
const TOLD = {
  Started: { type: 'Normal', message: (name: string) => `Started container ${name}` },
  Killing: { type: 'Normal', message: (name: string) => `Stopping container ${name}` },
  Unhealthy: { type: 'Warning', message: () => 'Readiness probe failed' },
  BackOff: {
    type: 'Warning',
    message: (name: string, pod: string) => `Back-off restarting failed container ${name} in pod ${pod}`,
  },
} as const satisfies Record<string, { type: KubeletEvent['type']; message: (name: string, pod: string) => string }>;

/** The Event of a kubelet on what has happened to the first container of a pod. */
export function kubeletEvent(pod: KubeObject, reason: keyof typeof TOLD): KubeletEvent {
  const { type, message } = TOLD[reason];
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  const spec = mapOf(asMap(pod).spec);
  const container = stringOf(mapsOf(spec.containers)[0]?.name);
  return {
    type,
    reason,
    message: message(container, `${name}_${namespace}(${uid})`),
    component: 'kubelet',
    host: stringOf(spec.nodeName),
  };
}
