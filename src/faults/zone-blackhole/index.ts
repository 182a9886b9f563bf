import { KINDS } from '../../model/kubernetes.ts';
import { defineFault } from '../define.ts';
import { injectInPods, sustainInPods } from '../in-pod/inject.ts';
import { IN_POD_PERMISSIONS, podMark } from '../in-pod/kind.ts';
import { proveInPods } from '../in-pod/prove.ts';
import { undoInPods } from '../in-pod/undo.ts';
import { schema } from './block.ts';
import { bareData, isBlackholeData, KIND } from './data.ts';
import { plan } from './plan.ts';
import { inPod } from './zone.ts';

/** Drops every packet of a zone's pods, from within the pods. */
export const zoneBlackhole = defineFault({
  kind: KIND,
  doc:
    'Puts an ephemeral container with NET_ADMIN into each pod of the zone, those that come later included. It ' +
    'drops every packet between the pod and the world, those of open connections too, by an iptables chain of its own in ' +
    "the pod's network, and takes the chain away when it is told to or its time is over. Kept connections hang without an " +
    'error, new ones wait for the connect timeout: what a lost zone looks like. Probes of the own node go on, so that the ' +
    'pods stay Ready and are not restarted, as while nobody has noticed that a zone is lost; Kubernetes would notice after ' +
    'about 40 s. Pods with the network of their node are left alone. Kubernetes keeps an ephemeral container that has ' +
    'ended as an entry in its pod until the pod is replaced; it does nothing any more. The PodSecurity levels `baseline` ' +
    'and `restricted` forbid it, which `faultline plan` finds out by a dry run.',
  row: {
    does: 'drops every packet of the pods of a zone, open connections and later pods included, from within the pods',
    undo: 'tells the containers to take their rules away, and sees that they have ended',
    deadMan: 'each pod takes its rules away by itself after `expiry` (15m)',
  },
  schema,
  example: { cluster: 'tokyo', zone: 'ap-northeast-1a', namespaces: ['default'] },
  permissions: [...IN_POD_PERMISSIONS, { kind: KINDS.node, verbs: ['list'], scope: 'cluster' }],
  marks: [podMark(KIND, bareData)],
  move: ({ cluster, zone, namespaces }) => ({ kind: 'silence', cluster, zone, namespaces }),
  isData: isBlackholeData,
  plan,
  inject: (plan, context) => injectInPods(inPod, plan, context),
  sustain: (plan, context) => sustainInPods(inPod, plan, context),
  prove: (plan, context) => proveInPods(inPod, plan, context),
  undo: (plan, context) => undoInPods(inPod, plan, context),
});
