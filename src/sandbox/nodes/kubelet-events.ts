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

/** A container, and its pod in the kubelet's words. */
type About = { readonly name: string; readonly image: string; readonly pod: string };

/** What a kubelet tells of a container, in its own words (Kubernetes: pkg/kubelet/events); `NoProgram` is the sandbox's own. */
const TOLD = {
  Started: { type: 'Normal', message: ({ name }) => `Started container ${name}` },
  Killing: { type: 'Normal', message: ({ name }) => `Stopping container ${name}` },
  Unhealthy: { type: 'Warning', message: () => 'Readiness probe failed' },
  BackOff: {
    type: 'Warning',
    message: ({ name, pod }) => `Back-off restarting failed container ${name} in pod ${pod}`,
  },
  NoProgram: {
    type: 'Warning',
    message: ({ name, image }) =>
      `The sandbox has no program for the image ${image}: container ${name} runs, and listens nowhere`,
  },
} as const satisfies Record<string, { type: KubeletEvent['type']; message: (about: About) => string }>;

/** The Event of a kubelet on what has happened to the first container of a pod. */
export function kubeletEvent(pod: KubeObject, reason: keyof typeof TOLD): KubeletEvent {
  const { type, message } = TOLD[reason];
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  const spec = mapOf(asMap(pod).spec);
  const container = mapOf(mapsOf(spec.containers)[0]);
  const about = {
    name: stringOf(container.name),
    image: stringOf(container.image),
    pod: `${name}_${namespace}(${uid})`,
  };
  return {
    type,
    reason,
    message: message(about),
    component: 'kubelet',
    host: stringOf(spec.nodeName),
  };
}
