import { FaultlineError } from '../model/errors.ts';
import type { Permission } from '../model/fault.ts';
import { inContext } from '../model/kubectl.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Load, PathTemplate } from '../model/scenario.ts';
import type { GatewayAddress, GatewayTls, Path, PathTls, Target, Topology, TopologyCluster } from '../model/target.ts';
import type { OpenCluster } from './wiring.ts';

/**
 * Asks every cluster who it is and resolves the gateway addresses. Rejects with TARGET_MISMATCH when a cluster is not
 * the one that the targets file names or is one that it names twice, with TARGET_UNREACHABLE when one does not answer.
 */
export async function resolveTopology(
  scenario: { readonly load: Pick<Load, 'paths'> },
  target: Target,
  clusters: ReadonlyMap<string, OpenCluster>,
): Promise<Topology> {
  const resolved = await Promise.all([...clusters.values()].map((open) => resolveCluster(open)));
  refuseTwice(resolved.map(({ cluster }) => cluster));
  const gateways = resolved.flatMap(({ cluster, gateways: own }) => own.map((gateway) => ({ cluster, ...gateway })));
  const paths = scenario.load.paths.flatMap((template) => pathsOf(template, gateways, target.name));
  return { clusters: resolved.map(({ cluster }) => cluster), paths };
}

/** What that needs in one cluster. */
export function topologyNeeds({ gateways }: OpenCluster): Permission[] {
  const services = gateways.flatMap(({ address }) =>
    address.kind === 'service'
      ? [{ ...KINDS.service, verb: 'get', namespace: address.namespace, name: address.name }]
      : [],
  );
  return [{ ...KINDS.namespace, verb: 'get', namespace: 'kube-system', name: 'kube-system' }, ...services];
}

type ResolvedGateway = {
  readonly zone: string;
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly tls: GatewayTls | undefined;
};

/** Asks a cluster who it is. Rejects with TARGET_MISMATCH when it is not the one that the targets file names by its `uid`. */
export async function identityOf({ cluster, uid }: Pick<OpenCluster, 'cluster' | 'uid'>) {
  const identity = await cluster.identity();
  if (uid === undefined || uid === identity.uid) return identity;
  throw new FaultlineError(
    'TARGET_MISMATCH',
    `cluster ${cluster.name}: ${identity.server} has kube-system UID ${identity.uid}, the targets file expects ${uid}`,
    { hint: 'Check the context, or the uid in the targets file.' },
  );
}

/** Two names of one cluster would count as two: what is left of a service in one of them would be what the other has lost. */
function refuseTwice(clusters: readonly TopologyCluster[]): void {
  for (const [index, { name, uid, server }] of clusters.entries()) {
    const first = clusters.slice(0, index).find((one) => one.uid === uid);
    if (first === undefined) continue;
    const what = `clusters ${first.name} (${first.server}) and ${name} (${server}) are one: both have kube-system UID ${uid}`;
    const hint = 'Check kubeconfig and context of both in the targets file, or take one of them out of it.';
    throw new FaultlineError('TARGET_MISMATCH', what, { hint });
  }
}

async function resolveCluster(open: OpenCluster): Promise<{ cluster: TopologyCluster; gateways: ResolvedGateway[] }> {
  const { cluster, gateways } = open;
  const identity = await identityOf(open);
  const zones = [...new Set(gateways.map((gateway) => gateway.zone))];
  const resolved = gateways.map(async ({ zone, address, tls }) => ({
    zone,
    tls,
    ...(await resolveAddress(open, address)),
  }));
  return {
    cluster: { name: cluster.name, region: cluster.region, zones, ...identity },
    gateways: await Promise.all(resolved),
  };
}

/** Where a gateway answers: as its targets file says, or as its Service does. Throws TARGET_UNREACHABLE for one without address. */
export async function resolveAddress(
  open: OpenCluster,
  address: GatewayAddress,
): Promise<Omit<ResolvedGateway, 'zone' | 'tls'>> {
  if (address.kind === 'url') return { protocol: address.protocol, host: address.host, port: address.port };
  const { namespace, name, protocol, port } = address;
  const service = await open.cluster.get({ ...KINDS.service, namespace, name });
  const status = service?.status as { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } } | undefined;
  const ingress = status?.loadBalancer?.ingress?.[0];
  const host = ingress?.ip ?? ingress?.hostname;
  if (host === undefined) {
    const { type = 'ClusterIP' } = (service?.spec ?? {}) as { type?: string };
    const kind = type === 'LoadBalancer' ? '' : `, being of type ${type}`;
    const lack = service === undefined ? 'does not exist' : `has no load balancer address${kind}`;
    const what = `cluster ${open.cluster.name}: Service ${namespace}/${name} ${lack}`;
    const hint = inContext(
      `kubectl -n ${namespace} get service${service === undefined ? 's' : ` ${name}`}`,
      open.cluster,
    );
    throw new FaultlineError('TARGET_UNREACHABLE', what, { hint });
  }
  return { protocol, host, port };
}

function pathsOf(
  template: PathTemplate,
  gateways: readonly (ResolvedGateway & { cluster: TopologyCluster })[],
  target: string,
): Path[] {
  const chosen = gateways.filter((gateway) => isNamed(gateway, template));
  if (chosen.length === 0) {
    const known = gateways.map((gateway) => `${gateway.cluster.name}/${gateway.zone}`).join(', ');
    const hint = known === '' ? 'It has no gateways.' : `It has: ${known}`;
    throw new FaultlineError('NAME_UNKNOWN', `path ${template.name}: target ${target} has no such gateway zone`, {
      hint,
    });
  }
  return chosen.map(({ cluster, zone, protocol, host, port, tls }) => ({
    id: `${template.name}@${cluster.name}/${zone}`,
    name: template.name,
    cluster: cluster.name,
    region: cluster.region,
    zone,
    protocol,
    host,
    port,
    ...(template.request.protocol === undefined ? {} : { http2: true as const }),
    ...(tls === undefined ? {} : { tls: told(tls) }),
  }));
}

function told({ ca, client, serverName, insecure }: GatewayTls): PathTls {
  return {
    ...(serverName === undefined ? {} : { serverName }),
    ...(insecure === undefined ? {} : { insecure }),
    ...(ca === undefined ? {} : { ownAuthority: true }),
    ...(client === undefined ? {} : { clientCertificate: true }),
  };
}

function isNamed(gateway: { zone: string; cluster: TopologyCluster }, template: PathTemplate): boolean {
  if (template.via === 'each-gateway-zone') return true;
  return template.via.some(
    (via) => via.zone === gateway.zone && (via.cluster === undefined || via.cluster === gateway.cluster.name),
  );
}
