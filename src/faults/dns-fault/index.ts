import { defineFault } from '../define.ts';
import { packetParts } from '../in-pod/parts.ts';
import { PACKET_DATA } from '../packets/data.ts';
import { servicePermissions } from '../packets/permissions.ts';
import { packetFault } from '../packets/plan.ts';
import { schema } from './block.ts';
import { KIND, plan } from './plan.ts';

/** Lets pods find no name any more, from within the pods. */
export const dnsFault = defineFault({
  ...packetParts(
    packetFault(KIND),
    "lets a workload's pods find no name: look-ups time out or are refused; kept connections go on",
    PACKET_DATA,
  ),
  kind: KIND,
  doc:
    'Puts an ephemeral container with NET_ADMIN into pods of a workload, those that come later included, whose iptables rules refuse ' +
    'what the pod asks of port 53, or drop the answers, over UDP and TCP: of the DNS of the cluster, of one on the node, of one in the pod, and of ' +
    "a sidecar that answers in its place (Istio's DNS proxying). Only who needs a name notices: a process that keeps " +
    'its connections or the names that it has found goes on, and so does a sidecar, which knows endpoints by address. New pods of ' +
    'the workload are hit once they run, which may be after their first look-ups. No answer is made up: a look-up times out or is ' +
    'refused, and never says that there is no such name (NXDOMAIN). For that something must answer in place of the server: a program ' +
    'in the pod to which rules redirect what it asks. The image need not have one, and rules that outlive it, as when it runs out of memory, would ' +
    'take all names away that were to go on; the rules here need nothing that runs. The server itself can say it, for all who ask it: ' +
    'a `hook` that gives CoreDNS a `template` with `rcode NXDOMAIN`. Names over TLS or HTTPS are found all the same. It is undone, ends by ' +
    'itself and is forbidden by PodSecurity as `podNetwork` is.',
  schema,
  move: () => ({
    kind: 'untold',
    why: 'sidecars hear of the mesh from istiod and not from DNS; which names applications ask for themselves, and how long they keep an answer, no cluster tells',
  }),
  example: { cluster: 'tokyo', namespace: 'default', deployment: 'mocka-ap-northeast-1a', packets: 'refuse' },
  named: ({ service }) => servicePermissions(service !== undefined, false),
  plan,
});
