import { object, objects, text } from '../mesh/config-read.ts';
import { FaultlineError } from '../model/errors.ts';
import { inContext } from '../model/kubectl.ts';
import { KINDS, type KubeObject, MESH_KINDS } from '../model/kubernetes.ts';
import { serviceSelects } from '../model/label-selector.ts';
import { hasLabels, type Labels } from '../model/labels.ts';
import { podLocality } from '../model/pod-locality.ts';
import type { Cluster } from '../model/ports.ts';
import type { GatewayPods } from '../model/target.ts';
import type { StarterCluster } from '../scenario/index.ts';
import type { ControlPlaneSigns } from '../workload/configured-by.ts';
import { CONTROL_PLANE, CONTROL_PLANE_NAMESPACE, CONTROLLED_BY, idsOf, isIstiod } from '../workload/control-plane.ts';
import { readPod } from '../workload/pods.ts';
import { hasSidecar } from '../workload/sidecars.ts';
import { configuring } from './configured-by.ts';
import { addressOf, type Door } from './gateway-address.ts';

/** A cluster of which nothing is known yet but how to reach it. */
export type Unknown = { readonly cluster: Cluster; readonly context: string; readonly kubeconfig: string };

/** What a targets file needs to say of clusters, and what could not be told. */
type Discovery = {
  readonly clusters: readonly StarterCluster[];
  /** Namespaces with sidecars. */
  readonly namespaces: readonly string[];
  readonly gateways: readonly GatewayPods[];
  readonly notes: readonly string[];
};

type PlacedPod = { readonly object: KubeObject; readonly zone: string; readonly region: string };

/**
 * Reads nodes, namespaces, gateways, Services and pods of clusters for what a targets file says of them. Throws USAGE where
 * there is no zone, no gateway or no sidecar; rejects with what a cluster refuses. Writes nothing.
 */
export async function discover(unknown: readonly Unknown[]): Promise<Discovery> {
  const read = await Promise.all(unknown.map(readCluster));
  const { by, notes } = configuring(read.map(signsOf));
  const told = read.map((one) => tell(one, by.get(one.cluster.name), read));
  const namespaces = [...new Set(told.flatMap((one) => one.namespaces))].sort();
  if (namespaces.length === 0) {
    throw new FaultlineError('USAGE', 'no pod has a sidecar of Istio', {
      hint: `Sidecars come with the label istio-injection of namespaces: ${unknown.map(({ cluster }) => inContext('kubectl get namespaces -L istio-injection', cluster)).join(' && ')}`,
    });
  }
  const gateways = new Map(told.flatMap((one) => one.gateways).map((pods) => [JSON.stringify(pods), pods]));
  return {
    clusters: told.map(({ found }) => found),
    namespaces,
    gateways: [...gateways.values()],
    notes: [...told.flatMap((one) => one.notes), ...notes],
  };
}

type Objects = readonly KubeObject[];
/** What a cluster has, as it is read. */
type Read = Unknown & {
  readonly uid: string;
  readonly system: KubeObject | undefined;
  readonly nodes: Objects;
  readonly doors: Objects;
  readonly services: Objects;
  readonly pods: Objects;
};

async function readCluster(unknown: Unknown): Promise<Read> {
  const { cluster } = unknown;
  const list = (kind: Parameters<Cluster['list']>[0]): Promise<Objects> => cluster.list(kind, {});
  const [{ uid }, system, nodes, doors, services, pods] = await Promise.all([
    cluster.identity(),
    cluster.get(CONTROL_PLANE_NAMESPACE),
    list(KINDS.node),
    list(MESH_KINDS.gateways),
    list(KINDS.service),
    list(KINDS.pod),
  ]);
  return { ...unknown, uid, system, nodes, doors, services, pods };
}

function signsOf({ cluster, system, pods }: Read): ControlPlaneSigns {
  const istiods = pods.filter((pod) => pod.metadata.namespace === CONTROL_PLANE.namespace && isIstiod(pod));
  return {
    name: cluster.name,
    hasIstiod: istiods.length > 0,
    ids: idsOf(istiods),
    allowed: system?.metadata.annotations?.[CONTROLLED_BY],
  };
}

type Told = {
  readonly found: StarterCluster;
  readonly namespaces: readonly string[];
  readonly gateways: readonly GatewayPods[];
  readonly notes: readonly string[];
};

/** Gateways are configured where the istiod reads that serves them: in the cluster that configures this one. */
function tell(read: Read, configuredBy: string | undefined, all: readonly Read[]): Told {
  const { cluster, context, kubeconfig, uid, nodes, services, pods } = read;
  const { doors } = all.find((one) => one.cluster.name === configuredBy) ?? read;
  const places = new Map(nodes.map(({ metadata }) => [metadata.name ?? '', metadata.labels ?? {}]));
  const ready = pods
    .filter((pod) => readPod(pod, new Map()).ready)
    .map((pod): PlacedPod => {
      const { zone, region } = podLocality(
        pod.metadata.labels,
        places.get(text(object(pod.spec).nodeName) ?? '') ?? {},
      );
      return { object: pod, zone, region };
    });
  const selectors = selectorsOf(doors);
  const atGateways = ready.filter(({ object: pod }) =>
    selectors.some((selector) => hasLabels(pod.metadata.labels, selector)),
  );
  const ports = doors.flatMap(({ spec }) => objects(object(spec).servers).map(({ port }) => object(port)));
  const ways = services.flatMap((service) => doorsOf(service, atGateways, ports));
  const byZone = new Map(ways.toReversed().map((way) => [way.zone, way]));
  const region = commonest(atGateways.map((pod) => pod.region).filter((one) => one !== ''));
  if (region === undefined || byZone.size === 0) throw nothingFound(cluster, atGateways.length, region);
  const meshed = ready.filter((pod) => hasSidecar(pod.object) && !atGateways.includes(pod));
  return {
    found: {
      name: cluster.name,
      region,
      context,
      kubeconfig,
      ...(cluster.kubectl === undefined ? {} : { kubectl: cluster.kubectl }),
      uid,
      ...(configuredBy === undefined ? {} : { configuredBy }),
      gateways: [...byZone.values()].sort(byName),
    },
    namespaces: meshed.map(({ object: { metadata } }) => metadata.namespace ?? ''),
    gateways: selectors.flatMap((selector) => {
      const own = atGateways.filter(({ object: pod }) => hasLabels(pod.metadata.labels, selector));
      return [...new Set(own.map(({ object: { metadata } }) => metadata.namespace ?? ''))].map((namespace) => ({
        namespace,
        selector,
      }));
    }),
    notes: [...byZone.values()].flatMap(({ note }) => (note === undefined ? [] : [`${cluster.name}: ${note}`])),
  };
}

const byName = (a: Door, b: Door): number => (a.zone < b.zone ? -1 : 1);

/** A Service of the cluster as the way in of the zone that its ready gateway pods are in. */
function doorsOf(
  service: KubeObject,
  gateways: readonly PlacedPod[],
  ports: readonly ReturnType<typeof object>[],
): Door[] {
  const own = gateways.filter(({ object: pod }) => serviceSelects(service, pod.metadata));
  const zones = own.map(({ zone }) => zone).filter((zone) => zone !== '');
  const zone = commonest(zones);
  const address = addressOf(service, ports);
  if (zone === undefined || address === undefined) return [];
  const others = [...new Set(zones)].filter((one) => one !== zone);
  const name = `${service.metadata.namespace}/${service.metadata.name}`;
  const note = `Service ${name} leads to gateway pods of ${zone} and ${others.join(', ')}: callers of a zone are only told apart where each zone has a Service of its own.`;
  return [{ zone, ...address, ...(others.length === 0 ? {} : { note }) }];
}

function nothingFound(cluster: Cluster, pods: number, region: string | undefined): FaultlineError {
  const lack = (what: string, look: string): FaultlineError =>
    new FaultlineError('USAGE', `cluster ${cluster.name}: ${what}`, { hint: inContext(look, cluster) });
  if (pods === 0) {
    const look = 'kubectl get gateways.networking.istio.io -A, and the pods that their selectors name.';
    return lack('no ready pod of an ingress gateway was found', look);
  }
  if (region === undefined) {
    const look = 'kubectl get nodes -L topology.kubernetes.io/region,topology.kubernetes.io/zone';
    return lack('the nodes of the gateways name no region and zone', look);
  }
  const look =
    'kubectl get services -A: one of type LoadBalancer or with externalIPs is needed, best one for each zone.';
  return lack('no Service of the ingress gateways has an address', look);
}

/** Labels of gateway pods; a Gateway that names none is every gateway's, and says nothing of where they are. */
function selectorsOf(gateways: readonly KubeObject[]): Labels[] {
  const all = gateways.map(({ spec }) => object(object(spec).selector) as Labels);
  const named = all.filter((selector) => Object.keys(selector).length > 0);
  return [...new Map(named.map((selector) => [JSON.stringify(selector), selector])).values()];
}

/** The most frequent, the first by name among equals. */
function commonest(values: readonly string[]): string | undefined {
  const counts = Map.groupBy(values, (value) => value);
  return [...counts].toSorted(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))[0]?.[0];
}
