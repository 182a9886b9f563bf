import { KINDS } from '../../model/kubernetes.ts';
import { defineFault } from '../define.ts';
import { endAll } from '../end-all.ts';
import { schema } from './block.ts';
import { killIn } from './kill.ts';
import { plan } from './plan.ts';
import { prove } from './prove.ts';
import { sustain } from './sustain.ts';
import { undo } from './undo.ts';
import { isContainerKillData } from './victims.ts';

/** Kills one container of pods, which stay; once or again and again. */
export const containerKill = defineFault({
  kind: 'containerKill',
  doc:
    'Ends one container (the application, or `istio-proxy`) in pods that stay: the kubelet restarts it in place, with the ' +
    "same address and the same sidecar. Its first process gets SIGTERM and everything that it has started SIGKILL, by the container's own " +
    'shell or, with `image`, by an ephemeral container among its processes. Linux lets nobody send SIGKILL to the first process from within, ' +
    'so one that handles no SIGTERM goes on; then no restart is seen, and the fault is not proven. Proof is one more restart and another ' +
    'container ID in the same pod. Until the container is ready again its calls are refused, or answered 503 by the sidecar that stays: ' +
    'callers may eject the address, and the endpoint may leave and come back. A container that ends again within 10 minutes waits for its ' +
    'restart, 10 s at first and up to 5 minutes (CrashLoopBackOff), which goes on after the undo. Pods whose containers share their processes, or ' +
    "have the node's, and containers that are not restarted are refused.",
  row: {
    does: 'kills one container of pods (application or sidecar), which the kubelet restarts in place; once or every so often',
    undo: 'none needed',
    deadMan: 'nothing follows',
  },
  schema,
  example: {
    ...{ cluster: 'tokyo', namespace: 'default', deployment: 'mockb-ap-northeast-1a' },
    ...{ container: 'default', every: '30s' },
  },
  permissions: [
    { kind: KINDS.pod, verbs: ['get', 'list'], scope: 'namespace' },
    // A command over a WebSocket is a GET, and since Kubernetes 1.35 asked as create, too.
    { kind: KINDS.pod, subresource: 'exec', verbs: ['get', 'create'], scope: 'namespace' },
    { kind: KINDS.pod, subresource: 'ephemeralcontainers', verbs: ['patch'], scope: 'namespace', with: 'image' },
    { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
  ],
  marks: [],
  move: () => ({
    kind: 'untold',
    why: 'how soon the containers are back in their pods, and how long the kubelet holds them back, no cluster tells beforehand',
  }),
  isData: isContainerKillData,
  plan,
  inject: async (plan, context) => {
    await endAll(plan.data.first.map((victim) => killIn(victim, plan, context)));
  },
  sustain,
  prove,
  undo,
});
