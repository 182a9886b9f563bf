import { KINDS } from '../../model/kubernetes.ts';
import { defineFault } from '../define.ts';
import { injectInPods, sustainInPods } from '../in-pod/inject.ts';
import { IN_POD_PERMISSIONS, podMark } from '../in-pod/kind.ts';
import { proveInPods } from '../in-pod/prove.ts';
import { undoInPods } from '../in-pod/undo.ts';
import { barePacketData, isPacketData } from '../packets/data.ts';
import { servicePermissions } from '../packets/permissions.ts';
import { packetFault } from '../packets/plan.ts';
import { schema } from './block.ts';
import { isWholeService, KIND, plan } from './plan.ts';

const inPod = packetFault(KIND);

/** Lets no packet pass between two sets of pods, from within the pods of both. */
export const networkPartition = defineFault({
  kind: KIND,
  doc:
    'Puts an ephemeral container with NET_ADMIN into each pod of two sets: of zones, regions, Services or labels. Its iptables rules ' +
    'drop or refuse every packet between the sets, open connections included, while each set goes on with everybody else. ' +
    '`direction: one` lets only calls of `from` to `to` fail, and needs pods with sidecars, where the kernel has followed ' +
    'who has called. Pods that come to either side are followed, while the ' +
    'runner lives: they get rules, and the other side gets rules for their addresses. What is not in this cluster is named by `cidrs`, which only the pods of `from` ' +
    'have rules for: the pods of another cluster, and the gateway that stands for them. A pod on both sides is refused, and so is ' +
    'a side without a pod. What passes by a gateway or a load balancer between the sides has its address, and goes on. It is undone, ' +
    'ends by itself and is forbidden by PodSecurity as `podNetwork` is.',
  row: {
    does: 'lets no packet pass between two sets of pods: zones, regions, Services; both directions or one',
    undo: 'tells the containers to take their rules away, and sees that they have ended',
    deadMan: 'each pod takes its rules away by itself after `expiry` (15m)',
  },
  schema,
  move: () => ({
    kind: 'untold',
    why: 'it drops packets below the proxies: when either side finds out hangs on connections that they keep and on what the kernel sends again, which no cluster tells',
  }),
  example: {
    cluster: 'tokyo',
    namespaces: ['default'],
    from: { zone: 'ap-northeast-1a' },
    to: { zone: 'ap-northeast-1b' },
  },
  permissions: [...IN_POD_PERMISSIONS, { kind: KINDS.node, verbs: ['list'], scope: 'cluster' }],
  named: ({ from, to }) => {
    const isNamed = from.service !== undefined || to.service !== undefined;
    return servicePermissions(isNamed, isWholeService(from) || isWholeService(to));
  },
  marks: [podMark(KIND, barePacketData)],
  isData: isPacketData,
  plan,
  inject: (plan, context) => injectInPods(inPod, plan, context),
  sustain: (plan, context) => sustainInPods(inPod, plan, context),
  prove: (plan, context) => proveInPods(inPod, plan, context),
  undo: (plan, context) => undoInPods(inPod, plan, context),
});
