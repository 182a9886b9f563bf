import { defineFault } from '../define.ts';
import { packetParts } from '../in-pod/parts.ts';
import { effectOf } from '../packets/block.ts';
import { PACKET_DATA } from '../packets/data.ts';
import { servicePermissions } from '../packets/permissions.ts';
import { packetFault } from '../packets/plan.ts';
import { schema } from './block.ts';
import { KIND, plan } from './plan.ts';

/** Drops, refuses, loses or delays packets of a workload's pods, from within the pods. */
export const podNetwork = defineFault({
  ...packetParts(
    packetFault(KIND),
    "drops, refuses, loses or delays packets of a workload's pods; by direction, peer, port, count",
    PACKET_DATA,
  ),
  kind: KIND,
  doc:
    'Puts an ephemeral container with NET_ADMIN into pods of a workload, those that come later included. Its iptables rules, in ' +
    "chains of their own in the pod's network, drop packets, refuse them (TCP is reset), or lose a share of them; open " +
    'connections are hit, too. `direction` is that of calls: `in` those that others make to the pods, `out` those that the pods ' +
    'make; both ways of such a call are hit. It knows who has called by the port, and in pods whose connections Istio redirects to a sidecar by what the kernel ' +
    'has followed; a direction without a port is refused in others. `peer` and `port` narrow it. Pods of the workload are followed: ' +
    'one that comes is hit, and with `count` or `percent` takes the place of one that has gone. So are the ends of a peer: rules for a ' +
    'new one are added from within while the runner lives, of both families; an address that has been hit is hit to the end, whoever ' +
    'has it by then. `faultline plan` shows the addresses of the moment. A node has its address for many, so that it is left out, and ' +
    'told, but for calls out to a port. A peer without an address is refused. Calls that the mesh sends over another address, as an east-west gateway, are told by that ' +
    'address. Another Service on the pods of a peer is hit with it; `port` tells them apart. `delay` is made by tc in front of the ' +
    'interface: the image needs tc, the kernel of the node sch_prio and sch_netem, and the interface no queue of somebody ' +
    'else. The container tries it before it writes a rule, and ends where it cannot, so that the fault is not proven. Of UDP the kernel ' +
    'tells the process in the pod that its packet was dropped. Probes of the ' +
    'own node go on. The PodSecurity levels `baseline` and `restricted` forbid it, which `faultline plan` finds out by a dry run.',
  schema,
  move: (block) =>
    block.peer === undefined
      ? { kind: 'packets', effect: effectOf(block), calls: block.direction, port: block.port }
      : { kind: 'untold', why: 'it hits calls with some others only, and which of them the mesh chooses is not known' },
  example: {
    cluster: 'tokyo',
    namespace: 'default',
    deployment: 'mockb-ap-northeast-1a',
    direction: 'in',
    packets: 'drop',
  },
  named: ({ service, peer }) => servicePermissions(service !== undefined, peer?.service !== undefined),
  plan,
});
