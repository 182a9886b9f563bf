import { defineFault } from '../define.ts';
import { packetParts } from '../in-pod/parts.ts';
import { PACKET_DATA } from '../packets/data.ts';
import { servicePermissions } from '../packets/permissions.ts';
import { packetFault } from '../packets/plan.ts';
import { schema } from './block.ts';
import { isWholeService, KIND, plan } from './plan.ts';

/** Lets no packet pass between two sets of pods, from within the pods of both. */
export const networkPartition = defineFault({
  ...packetParts(
    packetFault(KIND),
    'lets no packet pass between two sets of pods: zones, regions, Services; both directions or one',
    PACKET_DATA,
  ),
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
  named: ({ from, to }) => {
    const isNamed = from.service !== undefined || to.service !== undefined;
    return servicePermissions(isNamed, isWholeService(from) || isWholeService(to));
  },
  plan,
});
