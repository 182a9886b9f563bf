import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { podStatus } from '../../model/pod-object.ts';
import type { Random } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import { createSignal, type Signal } from '../api/signal.ts';
import type { ObjectStore } from '../api/store.ts';
import { type NetworkPeer, policiesAllow } from './network-policy.ts';
import { type Fate, PacketFilters, type Protocol, SPARED } from './packet-filter.ts';

/** The pod network of all clusters: who may speak to whom right now. */
export type Network = {
  /** Fires whenever an answer of `allows` may have changed. */
  readonly changed: Signal;
  /** Peer of a pod IP; an address that is no pod's is a client outside. */
  peer(ip: string): NetworkPeer;
  /** Whether nothing drops or refuses every packet. The kubelet's probes are exempt, as on every CNI. */
  allows(fromIp: string, toIp: string, port: number): boolean;
  /** What becomes of one request and its answer, with this luck where a share of the packets is lost. */
  fate(fromIp: string, toIp: string, port: number, luck: Random, protocol?: Protocol): Fate;
  /** How long they wait on their way. */
  waitMs(fromIp: string, toIp: string, port: number, luck: Random): Millis;
  close(): void;
};

type Member = { readonly cluster: string; readonly pod: KubeObject };

/**
 * Enforces NetworkPolicy like Terway, Calico or Cilium, in both directions and over both clusters, and the rules that
 * containers have written into the filters of their pods. Between pods of clusters with different networks there is no route.
 */
export function createNetwork(
  stores: ReadonlyMap<string, ObjectStore>,
  filters: PacketFilters = new PacketFilters(),
  networks: ReadonlyMap<string, string | undefined> = new Map(),
): Network {
  const members = new Map<string, Member>();
  const policies = new Map<string, readonly KubeObject[]>();
  const changed = createSignal();
  const answers = new Map<string, boolean>();
  const endings = [...stores].map(([cluster, store]) =>
    store.onChange(({ type, object }) => {
      if (object.kind === 'NetworkPolicy') policies.set(cluster, store.list(KINDS.networkPolicy));
      else if (object.kind === 'Pod') keep(members, cluster, object, type === 'DELETED');
      else if (object.kind !== 'Namespace') return;
      answers.clear();
      changed.fire();
    }),
  );
  endings.push(filters.changed.listen(() => changed.fire()));
  const peer = (ip: string): NetworkPeer => {
    const member = members.get(ip);
    if (member === undefined) return { ip };
    const { namespace = '', labels = {} } = member.pod.metadata;
    const home = stores.get(member.cluster)?.get({ ...KINDS.namespace, name: namespace });
    const namespaceLabels = home?.metadata.labels ?? {};
    return { ip, pod: { cluster: member.cluster, namespace, labels, namespaceLabels } };
  };
  const policiesOf = (end: NetworkPeer): readonly KubeObject[] => policies.get(end.pod?.cluster ?? '') ?? [];
  const judge = (fromIp: string, toIp: string, port: number): boolean => {
    const [from, to] = [peer(fromIp), peer(toIp)];
    const hasRoute =
      from.pod === undefined || to.pod === undefined || networks.get(from.pod.cluster) === networks.get(to.pod.cluster);
    return (
      hasRoute &&
      policiesAllow(policiesOf(from), 'Egress', from, to, port) &&
      policiesAllow(policiesOf(to), 'Ingress', to, from, port)
    );
  };
  const policed = (fromIp: string, toIp: string, port: number): boolean => {
    const key = `${fromIp} ${toIp} ${port}`;
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = judge(fromIp, toIp, port);
    answers.set(key, answer);
    return answer;
  };
  const fate: Network['fate'] = (fromIp, toIp, port, luck, protocol) => {
    const own = filters.fate(fromIp, toIp, port, luck, protocol);
    return own === 'carried' && !policed(fromIp, toIp, port) ? 'dropped' : own;
  };
  return {
    changed,
    peer,
    allows: (...way) => fate(...way, SPARED) === 'carried',
    fate,
    waitMs: (...way) => filters.waitMs(...way),
    close: () => {
      for (const end of endings) end();
    },
  };
}

function keep(members: Map<string, Member>, cluster: string, pod: KubeObject, gone: boolean): void {
  const ip = podStatus(pod).podIP;
  if (ip === undefined) return;
  if (!gone) members.set(ip, { cluster, pod });
  else if (members.get(ip)?.pod.metadata.uid === pod.metadata.uid) members.delete(ip);
}
