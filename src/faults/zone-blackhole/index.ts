import { KINDS } from '../../model/kubernetes.ts';
import { defineFault } from '../define.ts';
import { schema } from './block.ts';
import { cutsIn, isBlackholeData, KIND, plansIn } from './container.ts';
import { inject } from './inject.ts';
import { plan } from './plan.ts';
import { prove } from './prove.ts';
import { sustain } from './sustain.ts';
import { undo } from './undo.ts';

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
  permissions: [
    { kind: KINDS.pod, verbs: ['get', 'list'], undo: ['get', 'list'], scope: 'namespace' },
    { kind: KINDS.pod, subresource: 'ephemeralcontainers', verbs: ['patch'], scope: 'namespace' },
    // A command over a WebSocket is a GET, and since Kubernetes 1.35 asked as create, too.
    { kind: KINDS.pod, subresource: 'exec', verbs: ['get', 'create'], undo: ['get', 'create'], scope: 'namespace' },
    { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
  ],
  marks: [{ kind: KINDS.pod, resource: 'pod', ours: false, inside: cutsIn, plans: plansIn }],
  move: ({ cluster, zone, namespaces }) => ({ kind: 'silence', cluster, zone, namespaces }),
  isData: isBlackholeData,
  plan,
  inject,
  sustain,
  prove,
  undo,
});
