import type { DefaultingContext } from './defaults-context.ts';
import { at, ensureMap, type JsonMap, listOf, mapsOf, numberOf, setDefault, stringOf } from './json.ts';

const FIRST_NODE_PORT = 30000;
const NODE_PORTS = 2768;
const SUBNET_SIZE = 65_000;

/** Service defaults and allocation of cluster IP and node ports (registry/core/service). */
export function defaultService(object: JsonMap, context: DefaultingContext): void {
  const spec = ensureMap(object, 'spec');
  setDefault(spec, 'type', 'ClusterIP');
  setDefault(spec, 'sessionAffinity', 'None');
  for (const port of mapsOf(spec.ports)) {
    setDefault(port, 'protocol', 'TCP');
    setDefault(port, 'targetPort', port.port ?? 0);
  }
  if (spec.type === 'ExternalName') return;
  setDefault(spec, 'ipFamilies', ['IPv4']);
  setDefault(spec, 'ipFamilyPolicy', 'SingleStack');
  setDefault(spec, 'internalTrafficPolicy', 'Cluster');
  if (stringOf(spec.clusterIP) === '') spec.clusterIP = freeClusterIp(context);
  spec.clusterIPs = [stringOf(spec.clusterIP)];
  if (spec.type === 'ClusterIP') return;
  setDefault(spec, 'externalTrafficPolicy', 'Cluster');
  if (spec.type === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true);
  for (const port of mapsOf(spec.ports)) {
    if (numberOf(port.nodePort) === 0) port.nodePort = freeNodePort(spec, context);
  }
}

function freeClusterIp({ random, services }: DefaultingContext): string {
  const taken = new Set(services().map((service) => stringOf(at(service, 'spec', 'clusterIP'))));
  for (;;) {
    const host = 10 + Math.floor(random() * SUBNET_SIZE);
    const address = `10.96.${host >> 8}.${host & 255}`;
    if (!taken.has(address)) return address;
  }
}

function freeNodePort(spec: JsonMap, { random, services }: DefaultingContext): number {
  const all = [...services().map((service) => at(service, 'spec', 'ports')), spec.ports].flatMap((ports) =>
    listOf(ports),
  );
  const taken = new Set(all.map((port) => at(port, 'nodePort')));
  for (;;) {
    const port = FIRST_NODE_PORT + Math.floor(random() * NODE_PORTS);
    if (!taken.has(port)) return port;
  }
}
