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
import { KIND, plan } from './plan.ts';

const inPod = packetFault(KIND);

/** Lets pods find no name any more, from within the pods. */
export const dnsFault = defineFault({
  kind: KIND,
  doc:
    'Puts an ephemeral container with NET_ADMIN into pods of a workload, those that come later included, whose iptables rules refuse ' +
    'what the pod asks of port 53, or drop the answers, over UDP and TCP: of the DNS of the cluster, of one on the node, of one in the pod, and of ' +
    "a sidecar that answers in its place (Istio's DNS proxying). Only who needs a name notices: a process that keeps " +
    'its connections or the names that it has found goes on, and so does a sidecar, which knows endpoints by address. New pods of ' +
    'the workload are hit once they run, which may be after their first look-ups. No answer is made up: a look-up times out or is ' +
    'refused, and never says that there is no such name. Names over TLS or HTTPS are found all the same. It is undone, ends by ' +
    'itself and is forbidden by PodSecurity as `podNetwork` is.',
  row: {
    does: "lets a workload's pods find no name: look-ups time out or are refused; kept connections go on",
    undo: 'tells the containers to take their rules away, and sees that they have ended',
    deadMan: 'each pod takes its rules away by itself after `expiry` (15m)',
  },
  schema,
  move: () => ({
    kind: 'untold',
    why: 'sidecars hear of the mesh from istiod and not from DNS; which names applications ask for themselves, and how long they keep an answer, no cluster tells',
  }),
  example: { cluster: 'tokyo', namespace: 'default', deployment: 'mocka-ap-northeast-1a', packets: 'refuse' },
  permissions: [...IN_POD_PERMISSIONS, { kind: KINDS.node, verbs: ['list'], scope: 'cluster' }],
  named: ({ service }) => servicePermissions(service !== undefined, false),
  marks: [podMark(KIND, barePacketData)],
  isData: isPacketData,
  plan,
  inject: (plan, context) => injectInPods(inPod, plan, context),
  sustain: (plan, context) => sustainInPods(inPod, plan, context),
  prove: (plan, context) => proveInPods(inPod, plan, context),
  undo: (plan, context) => undoInPods(inPod, plan, context),
});
