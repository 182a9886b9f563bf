import { BlockList, isIPv4 } from 'node:net';
import type { KubeObject } from '../../model/kubernetes.ts';
import { isSelected } from '../../model/label-selector.ts';
import { asMap, type JsonMap, listOf, mapOf, mapsOf, stringOf } from '../api/json.ts';

/** One end of a connection. What is no pod (a client outside) has an address only. */
export type NetworkPeer = {
  readonly ip: string;
  readonly pod?: {
    readonly cluster: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly namespaceLabels: Readonly<Record<string, string>>;
  };
};

type Direction = 'Ingress' | 'Egress';

/**
 * Whether the NetworkPolicies of one pod's cluster let it send to or receive from a peer (networking.k8s.io/v1). A pod
 * that no policy selects in a direction is open in that direction; otherwise one rule of any policy must allow.
 */
export function policiesAllow(
  policies: readonly KubeObject[],
  direction: Direction,
  pod: NetworkPeer,
  peer: NetworkPeer,
  port: number,
): boolean {
  const self = pod.pod;
  if (self === undefined) return true;
  const selecting = policies.filter((policy) => {
    const spec = mapOf(asMap(policy).spec);
    if (policy.metadata.namespace !== self.namespace || !coversDirection(spec, direction)) return false;
    return isSelected(mapOf(spec.podSelector), self.labels);
  });
  if (selecting.length === 0) return true;
  return selecting.some((policy) => {
    const rules = mapsOf(mapOf(asMap(policy).spec)[direction.toLowerCase()]);
    return rules.some((rule) => ruleAllows(rule, direction, self, peer, port));
  });
}

/** Without policyTypes a policy is about ingress, and about egress when it has egress rules. */
function coversDirection(spec: JsonMap, direction: Direction): boolean {
  const types = listOf(spec.policyTypes);
  if (types.length > 0) return types.includes(direction);
  return direction === 'Ingress' || listOf(spec.egress).length > 0;
}

type Pod = NonNullable<NetworkPeer['pod']>;

function ruleAllows(rule: JsonMap, direction: Direction, self: Pod, peer: NetworkPeer, port: number): boolean {
  const ports = mapsOf(rule.ports);
  if (ports.length > 0 && !ports.some((entry) => portMatches(entry, port))) return false;
  const peers = mapsOf(direction === 'Ingress' ? rule.from : rule.to);
  return peers.length === 0 || peers.some((entry) => peerMatches(entry, self, peer));
}

/** Named ports match nothing here: the sandbox's policies use numbers. */
function portMatches(entry: JsonMap, port: number): boolean {
  if (stringOf(entry.protocol, 'TCP') !== 'TCP') return false;
  if (entry.port === undefined) return true;
  const last = typeof entry.endPort === 'number' ? entry.endPort : Number(entry.port);
  return port >= Number(entry.port) && port <= last;
}

/** Selectors see pods of the policy's own cluster only; pods of the other cluster are addresses. */
function peerMatches(entry: JsonMap, self: Pod, peer: NetworkPeer): boolean {
  if (entry.ipBlock !== undefined) return inBlock(mapOf(entry.ipBlock), peer.ip);
  const pod = peer.pod;
  if (pod === undefined || pod.cluster !== self.cluster) return false;
  const namespaceFits =
    entry.namespaceSelector === undefined
      ? pod.namespace === self.namespace
      : isSelected(mapOf(entry.namespaceSelector), pod.namespaceLabels);
  const podFits = entry.podSelector === undefined || isSelected(mapOf(entry.podSelector), pod.labels);
  return namespaceFits && podFits;
}

function inBlock(block: JsonMap, ip: string): boolean {
  if (!isIPv4(ip)) return false;
  const contains = (cidr: string): boolean => {
    const [network = '', prefix = '32'] = cidr.split('/');
    if (!isIPv4(network)) return false;
    const list = new BlockList();
    list.addSubnet(network, Number(prefix));
    return list.check(ip);
  };
  return contains(stringOf(block.cidr)) && !listOf(block.except).some((cidr) => contains(String(cidr)));
}
