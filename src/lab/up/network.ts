import {
  FABRIC_ADDRESS,
  FABRIC_PREFIX,
  type LabCluster,
  type LabMachine,
  machinesOf,
  namespaceOf,
} from '../topology.ts';
import type { Command } from './run.ts';

export const FABRIC = namespaceOf('fabric');
export const BRIDGE = 'bridge0';

/** A program inside a network namespace. `ip netns exec` would hide the cgroups, nsenter does not. */
export function inNamespace(namespace: string, command: Command): Command {
  return ['nsenter', `--net=/run/netns/${namespace}`, ...command];
}

/** The network namespaces of the lab, the fabric first. */
export function namespacesOf(clusters: readonly LabCluster[]): string[] {
  return [FABRIC, ...machinesOf(clusters).map(({ name }) => namespaceOf(name))];
}

/**
 * Wires the namespaces, which exist: a bridge in the fabric, an interface in every machine, routes to the pods of every
 * node. No machine has a default route, so that nothing can leave the lab.
 */
export function networkCommands(clusters: readonly LabCluster[]): Command[] {
  return [
    ...bridge(),
    ...machinesOf(clusters).flatMap(attach),
    ...['fabric', ...machinesOf(clusters).map(({ name }) => name)].flatMap((from) => podRoutes(clusters, from, 'add')),
    ...clusters.flatMap(servicesRoute),
    ...clusters.flatMap((cluster) => borders(cluster, clusters)),
  ];
}

/** The routes of a machine to the pods of every node but itself in its network; from the fabric, which is none, to all. */
export function podRoutes(clusters: readonly LabCluster[], from: string, act: 'add' | 'replace'): Command[] {
  const own = clusters.find((cluster) => machinesOf([cluster]).some(({ name }) => name === from));
  const reached = clusters.filter(({ network }) => own === undefined || network === own.network);
  const nodes = reached.flatMap((cluster) => cluster.nodes).filter(({ machine }) => machine !== from);
  return nodes.map(({ pods, address }) => route(from, pods, address, act));
}

function bridge(): Command[] {
  return [
    ['ip', '-n', FABRIC, 'link', 'set', 'lo', 'up'],
    ['ip', '-n', FABRIC, 'link', 'add', BRIDGE, 'type', 'bridge'],
    ['ip', '-n', FABRIC, 'addr', 'add', `${FABRIC_ADDRESS}/${FABRIC_PREFIX}`, 'dev', BRIDGE],
    ['ip', '-n', FABRIC, 'link', 'set', BRIDGE, 'up'],
  ];
}

function attach({ name, address }: LabMachine): Command[] {
  const own = namespaceOf(name);
  return [
    ['ip', '-n', own, 'link', 'set', 'lo', 'up'],
    ['ip', '-n', FABRIC, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', own],
    ['ip', '-n', FABRIC, 'link', 'set', name, 'master', BRIDGE, 'up'],
    ['ip', '-n', own, 'addr', 'add', `${address}/${FABRIC_PREFIX}`, 'dev', 'eth0'],
    ['ip', '-n', own, 'link', 'set', 'eth0', 'up'],
    inNamespace(own, ['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward']),
  ];
}

function route(from: string, range: string, via: string, act: 'add' | 'replace' = 'add'): Command {
  return ['ip', '-n', namespaceOf(from), 'route', act, range, 'via', via];
}

/** What a pod sends to a machine beyond its network goes out under the address of its node: nobody there has a way back to a pod. */
function borders({ network, pods, nodes }: LabCluster, clusters: readonly LabCluster[]): Command[] {
  const beyond = machinesOf(clusters.filter((other) => other.network !== network));
  return nodes.flatMap(({ machine }) =>
    beyond.map(({ address }) =>
      inNamespace(namespaceOf(machine), [
        // Its lock would be a file of this machine.
        ...(['env', 'XTABLES_LOCKFILE=/dev/null', 'iptables', '--table', 'nat', '--append', 'POSTROUTING'] as const),
        ...(['--source', pods, '--destination', address, '--jump', 'MASQUERADE'] as const),
      ]),
    ),
  );
}

/** An API server reaches webhooks by the address of their Service, which only nodes know how to translate. */
function servicesRoute({ name, services, nodes }: LabCluster): Command[] {
  return nodes.slice(0, 1).map(({ address }) => route(name, services, address));
}
