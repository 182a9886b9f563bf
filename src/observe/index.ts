import type { AffectedPod } from '../model/history.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { selectorText } from '../model/labels.ts';
import { podLocality } from '../model/pod-locality.ts';
import { nodeOf } from '../model/pod-object.ts';
import type { Clock, Cluster, HistoryWriter } from '../model/ports.ts';
import type { Endpoint, ObservedScope } from '../model/target.ts';
import { hasSidecar } from '../workload/sidecars.ts';
import { type Callers, callersIn } from './callers.ts';
import { observeCalls } from './calls.ts';
import { EffectsLog } from './effects.ts';
import { observeEjections } from './ejections.ts';
import { endpointsOf, gatewayPodsOf, placesText } from './endpoints.ts';
import { KubeEventsLog } from './kube-events.ts';
import { keep, listOf } from './lists.ts';
import { type Named, NamedServices } from './named.ts';
import { placesOf } from './needs.ts';
import { observeRoutes } from './routes.ts';
import { RULES, ruledFrom, SubsetBook } from './subsets.ts';
import { Troubles } from './troubles.ts';
import { WorkloadPlaces } from './workload-places.ts';

/** What is observed, and where it is written. */
type Observing = {
  readonly clusters: readonly Cluster[];
  readonly scope: ObservedScope;
  /** Whose callers are followed call by call. */
  readonly named: Named;
  /** Network of the pods of a cluster that say none, by the cluster's name. */
  readonly networks: ReadonlyMap<string, string>;
  /** Clauses speak of subsets. */
  readonly bySubset: boolean;
  readonly history: HistoryWriter;
  readonly clock: Clock;
};

/**
 * Watches endpoints, ejections and calls of every cluster until the signal. Resolves when all has stopped; rejects where it cannot go
 * on, which is an error of faultline's own.
 */
export async function observeAll(observing: Observing, signal: AbortSignal): Promise<void> {
  const named = new NamedServices(observing.named, observing.scope.namespaces);
  const configuring = observing.clusters.filter(({ configuredBy }) => configuredBy === undefined);
  const subsets = observing.bySubset ? new SubsetBook(configuring.map(({ name }) => name)) : undefined;
  const shared = { ...observing, named, subsets, workloads: new WorkloadPlaces() };
  await Promise.all([
    ...configuring.map((cluster) => observeRoutes(cluster, observing.scope, observing.history)),
    ...observing.clusters.map((cluster) => observeCluster(cluster, shared, signal)),
  ]);
}

type Shared = Omit<Observing, 'named'> & {
  readonly named: NamedServices;
  readonly subsets: SubsetBook | undefined;
  readonly workloads: WorkloadPlaces;
};

const UNDECLARED = 'the gateways are not known: name them under spec.observe.gateways of the targets file';

async function observeCluster(
  cluster: Cluster,
  { scope, history, clock, networks, named, subsets, workloads }: Shared,
  signal: AbortSignal,
): Promise<void> {
  let endpoints: readonly Endpoint[] = [];
  let written: string | undefined;
  /** What the endpoints were last worked out from. Pods change all the time, and what they say here hardly ever. */
  let seen: readonly unknown[] = [];
  const nodes = listOf(KINDS.node);
  const events = placesOf(scope).map((namespace) => listOf(KINDS.event, { namespace }));
  const rules = subsets?.hears(cluster.name) ? ruledFrom(scope).map((namespace) => listOf(RULES, { namespace })) : [];
  const where = { name: cluster.name, region: cluster.region, network: networks.get(cluster.name), subsets };
  const readSlice = (slice: KubeObject) => endpointsOf(where, [slice], [], []);
  const slices = scope.namespaces.map((namespace) => listOf(KINDS.endpointSlice, { namespace }, readSlice));
  const pods = scope.namespaces.map((namespace) => listOf(KINDS.pod, { namespace }, readPod));
  const effects = new EffectsLog(cluster.name, history);
  const told = new KubeEventsLog(cluster.name, history, events);
  const gateways = scope.gateways?.map(({ namespace, selector }) =>
    listOf(KINDS.pod, { namespace, labelSelector: selectorText(selector) }, readPod),
  );

  function update(): void {
    if (!signal.aborted) {
      effects.look(allOf(events));
      told.look();
    }
    if (rules.every(({ current }) => current !== undefined)) subsets?.tell(cluster.name, allOf(rules));
    if (signal.aborted || [...slices, ...pods].some(({ current }) => current === undefined)) return;
    const said = placesText(allOf(pods), subsets !== undefined);
    const inputs = [said, subsets?.version, ...[nodes, ...slices, ...(gateways ?? [])].map(({ current }) => current)];
    if (inputs.every((input, index) => input === seen[index])) return;
    seen = inputs;
    endpoints = endpointsOf(where, allOf(slices), allOf(pods), allOf([nodes]));
    named.look(endpoints);
    workloads.look(endpoints);
    const known: { gateways?: readonly AffectedPod[] } =
      gateways === undefined ? {} : { gateways: gatewayPodsOf(cluster, allOf(gateways), zoneOf()) };
    const text = JSON.stringify([endpoints, known]);
    if (text === written) return;
    written = text;
    history.append({ type: 'endpoints', cluster: cluster.name, endpoints, ...known });
  }

  /** The zone that the endpoints tell, or else the one of the pod's own label, or of its node. */
  function zoneOf(): (pod: KubeObject) => string {
    const told = new Map(endpoints.map(({ namespace, pod, zone }) => [`${namespace}/${pod}`, zone]));
    const labelsOf = new Map(allOf([nodes]).map(({ metadata }) => [metadata.name ?? '', metadata.labels]));
    return (pod) =>
      told.get(`${pod.metadata.namespace}/${pod.metadata.name}`) ||
      podLocality(pod.metadata.labels, labelsOf.get(nodeOf(pod))).zone;
  }

  function callers(): Callers {
    const places = [
      ...pods.map(({ what, current }) => ({ what, pods: current, gateway: false })),
      ...(gateways ?? []).map(({ what, current }) => ({ what: `gateway: ${what}`, pods: current, gateway: true })),
    ];
    const found = callersIn(places, zoneOf());
    const odd = [...pods, ...(gateways ?? [])].flatMap((list) => list.odd.map((pod) => `${pod}: it cannot be read`));
    return { ...found, unknown: [...found.unknown, ...odd, ...(gateways === undefined ? [UNDECLARED] : [])] };
  }

  const troubles = new Troubles(cluster.name, { history, clock }, signal);
  const { onChange, broken } = ending(update);
  subsets?.onChange(onChange);
  const lists = [nodes, ...slices, ...pods, ...events, ...rules, ...(gateways ?? [])];
  const observing = [
    keep(cluster, lists, { onChange, troubles }, signal),
    observeEjections({ cluster, history, clock }, callers, signal),
    observeCalls({ cluster, history, clock, named, places: workloads }, callers, signal),
  ];
  await Promise.race([Promise.all(observing), broken]);
  await troubles.ended();
  told.close();
}

/** Calls on, until it throws: what is not kept up to date any more would be judged by as if it were. */
function ending(update: () => void): { readonly onChange: () => void; readonly broken: Promise<never> } {
  const { promise, reject } = Promise.withResolvers<never>();
  const onChange = () => {
    try {
      update();
    } catch (error) {
      reject(error);
    }
  };
  return { onChange, broken: promise };
}

/** All that is taken from a pod. */
function readPod(pod: KubeObject): void {
  callersIn([{ what: '', pods: [pod], gateway: true }], ({ metadata }) => podLocality(metadata.labels, {}).zone);
  gatewayPodsOf({ name: '' }, [pod], () => '');
  placesText([pod], true);
  hasSidecar(pod);
}

function allOf(lists: readonly { current: readonly KubeObject[] | undefined }[]): KubeObject[] {
  return lists.flatMap(({ current }) => current ?? []);
}
