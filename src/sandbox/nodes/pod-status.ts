import type { KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { fnv32a } from '../api/identity.ts';
import { asMap, clone, type JsonMap, mapOf, mapsOf, stringOf } from '../api/json.ts';

/** How far the kubelet has come with a pod. */
export type PodStage =
  | { readonly kind: 'creating' }
  | { readonly kind: 'running'; readonly ready: boolean; readonly startedAt: string; readonly restarts: number }
  /** Its container has ended in a pod that stays, and waits to be started again. */
  | { readonly kind: 'restarting'; readonly restarts: number; readonly endedAt: string }
  | { readonly kind: 'crashing'; readonly restarts: number; readonly endedAt: string }
  | { readonly kind: 'ended'; readonly code: number; readonly startedAt: string; readonly endedAt: string }
  | { readonly kind: 'stopping'; readonly startedAt: string };

type StatusFacts = {
  readonly stage: PodStage;
  readonly podIp: string | undefined;
  readonly hostIp: string;
  /** ISO time in whole seconds. */
  readonly now: string;
};

/** The pod's new status; conditions keep their transition time while their value stays. */
export function podStatus(pod: KubeObject, facts: StatusFacts): JsonMap {
  const before = mapOf(asMap(pod).status);
  const { stage, podIp, hostIp, now } = facts;
  const started = stage.kind !== 'creating';
  const ready = stage.kind === 'running' && stage.ready;
  const conditions = [
    condition(before, 'PodReadyToStartContainers', started, now),
    condition(before, 'Initialized', true, now),
    condition(before, 'Ready', ready, now, 'ContainersNotReady'),
    condition(before, 'ContainersReady', ready, now, 'ContainersNotReady'),
    condition(before, 'PodScheduled', true, now),
  ];
  const containers = mapsOf(mapOf(asMap(pod).spec).containers);
  return {
    ...clone(before),
    phase: phaseOf(stage),
    conditions,
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    startTime: before.startTime ?? now,
    ...(podIp === undefined ? {} : { podIP: podIp, podIPs: [{ ip: podIp }] }),
    containerStatuses: containers.map((container) => containerStatus(pod, container, stage)),
  };
}

function phaseOf(stage: PodStage): string {
  if (stage.kind === 'creating') return 'Pending';
  if (stage.kind !== 'ended') return 'Running';
  return stage.code === 0 ? 'Succeeded' : 'Failed';
}

function condition(before: JsonMap, type: string, holds: boolean, now: string, reason?: string): Json {
  const status = holds ? 'True' : 'False';
  const known = mapsOf(before.conditions).find((entry) => entry.type === type);
  const since = known?.status === status ? known.lastTransitionTime : undefined;
  const why = holds || reason === undefined ? {} : { reason, message: 'containers with unready status' };
  return { type, status, ...why, lastProbeTime: null, lastTransitionTime: since ?? now };
}

function containerStatus(pod: KubeObject, container: JsonMap, stage: PodStage): Json {
  const image = stringOf(container.image);
  const name = stringOf(container.name);
  const running = stage.kind === 'running' || stage.kind === 'stopping';
  const restarts = 'restarts' in stage ? stage.restarts : 0;
  const start = restarts === 0 ? '' : `/${restarts}`;
  const id = `containerd://${fnv32a(`${pod.metadata.uid}/${name}${start}`).toString(16).padStart(64, '0')}`;
  return {
    name,
    image,
    imageID: running ? `${image.replace(/[:@].*$/, '')}@sha256:${fnv32a(image).toString(16).padStart(64, '0')}` : '',
    ...(running ? { containerID: id } : {}),
    restartCount: restarts,
    ready: stage.kind === 'running' && stage.ready,
    started: running,
    state: containerState(stage),
    lastState:
      stage.kind === 'crashing' || stage.kind === 'restarting'
        ? { terminated: { exitCode: stage.kind === 'crashing' ? 1 : 143, reason: 'Error', finishedAt: stage.endedAt } }
        : {},
  };
}

function containerState(stage: PodStage): JsonMap {
  switch (stage.kind) {
    case 'creating':
      return { waiting: { reason: 'ContainerCreating' } };
    case 'ended':
      return {
        terminated: {
          exitCode: stage.code,
          reason: stage.code === 0 ? 'Completed' : 'Error',
          startedAt: stage.startedAt,
          finishedAt: stage.endedAt,
        },
      };
    case 'restarting':
      return stage.restarts === 0
        ? { terminated: { exitCode: 143, reason: 'Error', finishedAt: stage.endedAt } }
        : { waiting: { reason: 'CrashLoopBackOff', message: 'back-off restarting failed container' } };
    case 'crashing':
      return { waiting: { reason: 'CrashLoopBackOff', message: 'back-off restarting failed container' } };
    default:
      return { running: { startedAt: stage.startedAt } };
  }
}
