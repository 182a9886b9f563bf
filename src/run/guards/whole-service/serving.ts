import { SERVICE_LABEL, sliceOf } from '../../../model/endpoint-slice.ts';
import type { Permission } from '../../../model/fault.ts';
import { KINDS, type KubeKind, type KubeObject } from '../../../model/kubernetes.ts';
import { selectorText } from '../../../model/labels.ts';
import { addressesOf } from '../../../model/pod-object.ts';
import type { GatewayPods } from '../../../model/target.ts';
import { callersIn } from '../../../observe/callers.ts';
import { endpointsOf, gatewayPodsOf } from '../../../observe/endpoints.ts';
import type { OpenCluster } from '../../wiring.ts';
import { type Guarded, namespacesOf, type Ruling } from '../guard.ts';
import { type Addressed, inAll, readAddressed } from './addressed.ts';
import { readSlices } from './unlisted.ts';

/** A pod that serves or calls. */
export type ServingPod = {
  /** `cluster/namespace/name` */
  readonly key: string;
  readonly cluster: string;
  /** Where the targets file names it. */
  readonly network: string | undefined;
  readonly namespace: string;
  readonly addresses: readonly string[];
};

/** A Service with its ready pods, over all clusters; or the gateways that the targets file declares, over all zones. */
export type Service = {
  /** `namespace/name` */
  readonly name: string;
  readonly isGateways: boolean;
  readonly pods: readonly ServingPod[];
  /** Of its pods; undefined where it does not tell. */
  readonly ports: ReadonlySet<number> | undefined;
};

/** Whom the faults of a run may take from, and who calls. */
export type Serving = {
  readonly services: readonly Service[];
  readonly gateways: readonly ServingPod[];
  /** Where more pods may stand behind Services, in words, by cluster. */
  readonly unread: readonly string[];
};

/** With what cannot be true of it: refusals. */
type Read = Serving & { readonly contradictions: readonly Ruling[] };

/** In place of the name of their Services. */
const GATEWAYS = 'the gateways';

export const podKey = (cluster: string, namespace: string, name: string): string => `${cluster}/${namespace}/${name}`;

/** Namespaces that the faults may touch, and those of Services that they name. */
function concerned(faults: Guarded['faults']): string[] {
  const named = faults.flatMap(({ plan }) =>
    plan.tolls.flatMap(({ to }) => (to?.kind === 'service' ? (to.service.split('/')[0] ?? []) : [])),
  );
  return [...new Set([...namespacesOf(faults), ...named])];
}

/** What reading asks of the API of each cluster, without which nothing can be told. */
export function servingNeeds({ inputs, faults }: Pick<Guarded, 'inputs' | 'faults'>): Permission[] {
  const namespaces = concerned(faults);
  const { gateways = [] } = inputs.target.observe;
  const doors = gateways.filter(({ namespace }) => namespaces.includes(namespace));
  return [
    ...namespaces.map((namespace) => ({ ...KINDS.endpointSlice, verb: 'list', namespace })),
    ...(hasTolls(faults) ? contradicting(namespaces) : []),
    ...doors.map(({ namespace }) => ({ ...KINDS.pod, verb: 'list', namespace })),
  ];
}

function hasTolls(faults: Guarded['faults']): boolean {
  return faults.some(({ plan }) => plan.tolls.length > 0);
}

/** What EndpointSlices are held against. */
function contradicting(namespaces: readonly string[]): Permission[] {
  return namespaces.flatMap((namespace) =>
    [KINDS.service, KINDS.pod].map((kind) => ({ ...kind, verb: 'list', namespace })),
  );
}

/** What reading asks of the API besides, and goes on without: where there are no tolls, nobody is read. */
export function entryNeeds({ inputs, faults }: Pick<Guarded, 'inputs' | 'faults'>): Permission[] {
  if (!hasTolls(faults)) return [];
  const places = new Set([...concerned(faults), ...inputs.target.observe.namespaces]);
  return [...places].flatMap((namespace) =>
    [KINDS.serviceEntry, KINDS.workloadEntry].map((kind) => ({ ...kind, verb: 'list', namespace })),
  );
}

/** Reads who is ready. Rejects where that cannot be read of the Services concerned; of others, who may call them, all that can be. */
export async function readServing({ inputs, faults }: Guarded): Promise<Read> {
  const needed = concerned(faults);
  const { namespaces, gateways = [] } = inputs.target.observe;
  const hit = new Set(
    faults.flatMap(({ plan }) => plan.affected.map(({ cluster, namespace, pod }) => podKey(cluster, namespace, pod))),
  );
  const networks = new Map(inputs.target.clusters.map(({ name, network }) => [name, network]));
  const parts = [...inputs.clusters.values()].map(async (open) => {
    const all = [...new Set([...needed, ...namespaces])];
    const places = new Map(all.map((namespace) => [namespace, needed.includes(namespace)]));
    const sliced = readSlices({
      ...{ open, clock: inputs.clock, namespaces: needed },
      isHit: (namespace, pod) => hit.has(podKey(open.cluster.name, namespace, pod)),
      slices: () => inAll(places, (namespace, isNeeded) => list(open, KINDS.endpointSlice, { namespace }, isNeeded)),
    });
    const doors = gateways.map((one) => gatewaysAt(open, one, needed.includes(one.namespace)));
    const network = networks.get(open.cluster.name);
    const [{ slices, contradictions }, found] = await Promise.all([sliced, Promise.all(doors)]);
    const addressed = await readAddressed(open.cluster, slices, places);
    return { ...partOf(open, network, slices, found.flat(), addressed), contradictions };
  });
  const read = await Promise.all(parts);
  return {
    services: together(read.flatMap(({ services }) => services)),
    gateways: read.flatMap((one) => one.gateways),
    unread: read.flatMap((one) => one.unread),
    contradictions: read.flatMap((one) => one.contradictions),
  };
}

async function list(
  { cluster }: OpenCluster,
  kind: KubeKind,
  filter: { readonly namespace: string; readonly labelSelector?: string },
  isNeeded: boolean,
): Promise<readonly KubeObject[]> {
  const listed = cluster.list(kind, filter);
  return isNeeded ? listed : listed.catch(() => []);
}

function gatewaysAt(open: OpenCluster, { namespace, selector }: GatewayPods, isNeeded: boolean) {
  return list(open, KINDS.pod, { namespace, labelSelector: selectorText(selector) }, isNeeded);
}

function partOf(
  { cluster }: OpenCluster,
  network: string | undefined,
  slices: readonly KubeObject[],
  doors: readonly KubeObject[],
  { behind, unread }: Addressed,
): Serving {
  const podOf = (namespace: string, name: string, addresses: readonly string[]): ServingPod => ({
    ...{ key: podKey(cluster.name, namespace, name), cluster: cluster.name, network, namespace, addresses },
  });
  const ofGateways = gatewayPodsOf(cluster, doors, () => '').map(({ namespace, pod, ip }) =>
    podOf(namespace, pod, [ip]),
  );
  const isDoor = new Set(ofGateways.map(({ key }) => key));
  const { known: callers } = callersIn([{ what: GATEWAYS, pods: doors, gateway: true }], () => '');
  const isCalling = new Set(callers.map(({ namespace, pod }) => podKey(cluster.name, namespace, pod)));
  const serviceOf = (name: string, own: ServingPod, ports: Service['ports']): Service =>
    isDoor.has(own.key)
      ? { name: `${own.namespace}/${GATEWAYS}`, isGateways: true, pods: [own], ports: undefined }
      : { name, isGateways: false, pods: [own], ports };
  const rows = endpointsOf(cluster, slices, [], []).filter(({ ready }) => ready);
  const services = rows.map(({ namespace, service, pod, ip }) =>
    serviceOf(`${namespace}/${service}`, podOf(namespace, pod, [ip]), portsOf(slices, namespace, service)),
  );
  const beside = behind.flatMap(({ service, ports, pods }) =>
    pods.map((pod) => {
      const { namespace = '', name = '' } = pod.metadata;
      const own = podOf(namespace, name, addressesOf(pod));
      return serviceOf(service, own, ports.length === 0 ? undefined : known(ports));
    }),
  );
  return {
    services: [...services, ...beside],
    gateways: ofGateways.filter(({ key }) => isCalling.has(key)),
    unread: unread.map((one) => `${one} in ${cluster.name}`),
  };
}

function portsOf(slices: readonly KubeObject[], namespace: string, service: string): ReadonlySet<number> | undefined {
  const own = slices.filter(
    ({ metadata }) => metadata.namespace === namespace && metadata.labels?.[SERVICE_LABEL] === service,
  );
  const ports = own.flatMap((slice) => (sliceOf(slice).ports ?? []).map(({ port }) => port ?? undefined));
  return ports.length === 0 ? undefined : known(ports);
}

/** None where one of them may be any. */
function known(ports: readonly (number | undefined)[]): ReadonlySet<number> | undefined {
  const told = ports.filter((port) => port !== undefined);
  return told.length === ports.length ? new Set(told) : undefined;
}

/** One Service of each name, with each of its pods once. */
function together(parts: readonly Service[]): Service[] {
  return [...Map.groupBy(parts, ({ name }) => name).values()].map((own): Service => {
    const rows = Map.groupBy(
      own.flatMap(({ pods }) => pods),
      ({ key }) => key,
    );
    const pods = [...rows.values()].flatMap(([first, ...more]) =>
      first === undefined ? [] : [{ ...first, addresses: [first, ...more].flatMap(({ addresses }) => addresses) }],
    );
    const ports = known(own.flatMap((one) => [...(one.ports ?? [undefined])]));
    const [{ name = '', isGateways = false } = {}] = own;
    return { name, isGateways, pods, ports };
  });
}
