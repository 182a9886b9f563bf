import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { type LabCluster, type LabNode, loopbackOf } from '../topology.ts';
import type { GatewayEntrance, ReachedCluster } from './access.ts';
import { apply } from './apply.ts';
import { ready, type Site, type StartedCluster } from './lab-cluster.ts';
import { isWayIn, systemObjects } from './mesh-objects.ts';
import { answers, deploymentsReady } from './readiness.ts';
import { tellAddress } from './tell-address.ts';

const GATEWAYS = 'istio-system';
const APPLICATIONS = 'default';
/** The request of the vendor page. */
const REQUEST = { host: 'mock.asm-demo.work', path: '/mock' };

/** Starts the vendor page's system on a cluster whose proxies are served by an istiod that is ready, and opens its gateways. */
export async function startSystem({ cluster, api }: StartedCluster, site: Site): Promise<ReachedCluster> {
  await apply(api, systemObjects(site.topology, cluster), site.waiting);
  const services = await api.list(KINDS.service, { namespace: GATEWAYS });
  const gateways = await openGateways(cluster, services, site);
  await openNetwork(cluster, services, site);
  for (const namespace of [APPLICATIONS, GATEWAYS]) {
    await ready(site, `${cluster.name}: pods in ${namespace}`, () => deploymentsReady(api, namespace));
  }
  site.say(`${cluster.name}: gateways and services are ready`);
  return { cluster, uid: (await api.identity()).uid, gateways };
}

/** Waits until every gateway answers: its pod may be ready before it has heard of all others. */
export async function gatewaysAnswer({ cluster, gateways }: ReachedCluster, site: Site): Promise<void> {
  for (const { zone, address } of gateways) {
    await ready(site, `${cluster.name}: gateway of ${zone}`, () => answers(address, REQUEST.host, REQUEST.path));
  }
}

/** What a cloud does for a Service of type LoadBalancer: an address for each zone, which leads to the node's port. */
async function openGateways(
  cluster: LabCluster,
  services: readonly KubeObject[],
  site: Site,
): Promise<GatewayEntrance[]> {
  const opened: GatewayEntrance[] = [];
  for (const node of cluster.nodes) {
    const service = services.find((one) => isEntrance(one, node));
    const port = portOf(service);
    if (service === undefined || port === undefined) continue;
    const address = { host: loopbackOf(node.address), port: port.port };
    await site.balancer.forward(address, { host: node.address, port: port.nodePort });
    // Keeps kube-proxy from taking the address for one of its own.
    await tellAddress(cluster, refOf(service), { ip: address.host, ipMode: 'Proxy' }, site);
    opened.push({ zone: node.zone, address });
  }
  return opened;
}

/**
 * The way into the network of a cluster has an address of the fabric, which machines of other networks reach and
 * istiod tells their proxies, with the Service's own port: there kube-proxy takes it for an address of its own.
 */
async function openNetwork(cluster: LabCluster, services: readonly KubeObject[], site: Site): Promise<void> {
  for (const service of services.filter(isWayIn)) {
    await tellAddress(cluster, refOf(service), { ip: cluster.wayIn, ipMode: 'VIP' }, site);
  }
}

type ServiceSpec = {
  readonly type?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly { readonly port: number; readonly nodePort?: number }[];
};

function isEntrance(service: KubeObject, { zone }: LabNode): boolean {
  const { type, selector = {} } = (service.spec ?? {}) as ServiceSpec;
  return type === 'LoadBalancer' && selector['gateway-zone'] === zone;
}

function refOf({ metadata: { namespace = '', name = '' } }: KubeObject) {
  return { namespace, name };
}

function portOf(service: KubeObject | undefined): { port: number; nodePort: number } | undefined {
  const [first] = ((service?.spec ?? {}) as ServiceSpec).ports ?? [];
  return first?.nodePort === undefined ? undefined : { port: first.port, nodePort: first.nodePort };
}
