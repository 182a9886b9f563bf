import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { isEnded, nodeOf } from '../../model/pod-object.ts';
import type { Clock } from '../../model/ports.ts';
import { timestamp } from '../api/identity.ts';
import { asMap, asObject, at, mapOf, mapsOf } from '../api/json.ts';
import type { ObjectStore } from '../api/store.ts';
import { keyOf, splitKey } from '../controllers/controller.ts';
import { createQueue } from '../controllers/queue.ts';

export type StubKubelet = {
  /** Pods for which this says no never become ready. */
  healthy: (pod: KubeObject) => boolean;
  /** While true, terminating pods are not removed. */
  keepTerminating: boolean;
  stop(): void;
};

/**
 * Stands in for the kubelets of a cluster: pods on a node run and are ready a turn
 * later, deleted ones are gone a turn later, ended ones stay as they are.
 */
export function startStubKubelet({ store, clock }: { store: ObjectStore; clock: Clock }): StubKubelet {
  let address = 1;
  const work = (key: string): undefined => {
    const pod = store.get({ ...KINDS.pod, ...splitKey(key) });
    if (pod === undefined || nodeOf(pod) === '') return;
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (!kubelet.keepTerminating) store.finalizeDelete({ ...KINDS.pod, ...splitKey(key) });
      return;
    }
    if (isEnded(pod)) return;
    const podIP = at(pod, 'status', 'podIP') ?? `10.0.${address >> 8}.${address++ & 255}`;
    store.update(asObject({ ...asMap(pod), status: runningStatus(pod, String(podIP)) }), { subresource: 'status' });
  };
  const runningStatus = (pod: KubeObject, podIP: string): ReturnType<typeof mapOf> => {
    const ready = kubelet.healthy(pod);
    const before = mapsOf(at(pod, 'status', 'conditions'));
    const lastTransitionTime = timestamp(clock);
    const condition = (type: string, on: boolean): ReturnType<typeof mapOf> => {
      const status = on ? 'True' : 'False';
      const old = before.find((one) => one.type === type && one.status === status);
      return old ?? { type, status, lastProbeTime: null, lastTransitionTime };
    };
    const containerStatuses = mapsOf(at(pod, 'spec', 'containers')).map(({ name = '', image = '' }) => ({
      name,
      image,
      imageID: '',
      ready,
      started: ready,
      restartCount: 0,
      state: { running: { startedAt: pod.metadata.creationTimestamp ?? '' } },
    }));
    return {
      ...mapOf(asMap(pod).status),
      phase: 'Running',
      podIP,
      podIPs: [{ ip: podIP }],
      hostIP: '127.0.0.1',
      startTime: pod.metadata.creationTimestamp ?? '',
      conditions: [
        ...before.filter((one) => one.type === 'PodScheduled'),
        condition('Initialized', true),
        condition('Ready', ready),
        condition('ContainersReady', ready),
      ],
      containerStatuses,
    };
  };
  const queue = createQueue({ clock, work });
  const unlisten = store.onChange(({ type, object }) => {
    if (object.kind === KINDS.pod.kind && type !== 'DELETED')
      queue.add(keyOf(object.metadata.namespace, object.metadata.name));
  });
  const kubelet: StubKubelet = {
    healthy: () => true,
    keepTerminating: false,
    stop() {
      unlisten();
      queue.stop();
    },
  };
  return kubelet;
}
