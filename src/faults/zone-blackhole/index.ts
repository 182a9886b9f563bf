import { defineFault } from '../define.ts';
import { packetParts } from '../in-pod/parts.ts';
import { silenceOf } from '../silence.ts';
import { schema } from './block.ts';
import { BLACKHOLE_DATA, KIND } from './data.ts';
import { plan } from './plan.ts';
import { inPod } from './zone.ts';

/** Drops every packet of a zone's pods, from within the pods. */
export const zoneBlackhole = defineFault({
  ...packetParts(
    inPod,
    'drops every packet of the pods of a zone, open connections and later pods included, from within the pods',
    BLACKHOLE_DATA,
  ),
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
  schema,
  example: { cluster: 'tokyo', zone: 'ap-northeast-1a', namespaces: ['default'] },
  move: silenceOf,
  plan,
});
