import { isServing } from '../../../model/conditions.ts';
import { SERVICE_LABEL, sliceOf } from '../../../model/endpoint-slice.ts';
import { FaultlineError, messageOf } from '../../../model/errors.ts';
import { KINDS, type KubeKind, type KubeObject } from '../../../model/kubernetes.ts';
import { hasLabels, type Labels } from '../../../model/labels.ts';
import { addressesOf } from '../../../model/pod-object.ts';
import type { Cluster } from '../../../model/ports.ts';
import { serviceOfHost } from '../../../model/service-host.ts';

/** Pods behind Services of which no EndpointSlice tells by the name of a pod. */
export type Addressed = {
  readonly behind: readonly Behind[];
  /** What could not be asked for, in words. */
  readonly unread: readonly string[];
};

type Behind = {
  /** `namespace/name` */
  readonly service: string;
  readonly ports: readonly (number | undefined)[];
  readonly pods: readonly KubeObject[];
};

type Entry = { readonly address?: string; readonly labels?: Labels };
type EntrySpec = {
  readonly hosts?: readonly string[];
  readonly ports?: readonly { readonly number?: number; readonly targetPort?: number }[];
  readonly endpoints?: readonly Entry[];
  readonly workloadSelector?: { readonly labels?: Labels };
};

/** Where it is looked, and whether it has to be known there. */
type Places = ReadonlyMap<string, boolean>;

/**
 * Reads who stands behind Services by an address alone (EndpointSlices without `targetRef`, WorkloadEntries, endpoints of ServiceEntries), or by
 * labels of a ServiceEntry (`workloadSelector`). An address that no pod there has is nobody's. Rejects where it cannot be read of places that
 * have to be known; Istio's objects need not be there, nor be readable, which is told.
 */
export async function readAddressed(
  cluster: Cluster,
  slices: readonly KubeObject[],
  places: Places,
): Promise<Addressed> {
  const unread: string[] = [];
  const listed = (kind: KubeKind) =>
    inAll(places, (namespace) => cluster.list(kind, { namespace }).catch(untold(kind, namespace, unread)));
  const [entries, workloads] = await Promise.all([listed(KINDS.serviceEntry), listed(KINDS.workloadEntry)]);
  const sliced = slices.flatMap(bareAddresses);
  const selecting = entries.filter(({ spec }) => isByWorkloads(spec as EntrySpec));
  if (sliced.length + selecting.length + workloads.length === 0) return { behind: [], unread };
  const needed = (kind: KubeKind) =>
    inAll(places, (namespace, isNeeded) => {
      const found = cluster.list(kind, { namespace });
      return isNeeded ? found : found.catch((): KubeObject[] => []);
    });
  const [pods, services] = await Promise.all([needed(KINDS.pod), workloads.length === 0 ? [] : needed(KINDS.service)]);
  const serving = pods.filter(isServing);
  const at = (addresses: readonly (string | undefined)[]) => {
    const wanted = new Set(addresses.filter((one) => one !== undefined));
    return serving.filter((pod) => addressesOf(pod).some((one) => wanted.has(one)));
  };
  const behind = [
    ...sliced.map(({ addresses, ...one }) => ({ ...one, pods: at(addresses) })),
    ...selecting.flatMap((entry) => behindEntry(entry, { serving, workloads, at })),
    ...services.flatMap((service) => behindService(service, { workloads, at })),
  ];
  return { behind: behind.filter((one) => one.pods.length > 0), unread };
}

type Known = {
  readonly serving: readonly KubeObject[];
  readonly workloads: readonly KubeObject[];
  readonly at: (addresses: readonly (string | undefined)[]) => readonly KubeObject[];
};

/** What is read of each place, together. */
export async function inAll(
  places: Places,
  read: (namespace: string, isNeeded: boolean) => Promise<readonly KubeObject[]>,
): Promise<readonly KubeObject[]> {
  return (await Promise.all([...places].map(([namespace, isNeeded]) => read(namespace, isNeeded)))).flat();
}

/** Without Istio there are none; who may not read them is told that they do not count. */
function untold({ kind }: KubeKind, namespace: string, unread: string[]) {
  return (error: unknown): readonly KubeObject[] => {
    if (!(error instanceof FaultlineError && error.code === 'KIND_NOT_SERVED'))
      unread.push(`${kind} of ${namespace} (${messageOf(error)})`);
    return [];
  };
}

function bareAddresses(object: KubeObject) {
  const { metadata, endpoints, ports } = sliceOf(object);
  const name = metadata.labels?.[SERVICE_LABEL];
  if (name === undefined) return [];
  const own = (endpoints ?? []).filter(
    ({ targetRef, conditions }) =>
      targetRef?.kind !== 'Pod' && conditions?.ready !== false && conditions?.terminating !== true,
  );
  const addresses = own.flatMap((one) => one.addresses ?? []);
  if (addresses.length === 0) return [];
  const told = (ports ?? []).map(({ port }) => port ?? undefined);
  return [{ service: `${metadata.namespace}/${name}`, ports: told, addresses }];
}

function isByWorkloads({ endpoints = [], workloadSelector }: EntrySpec): boolean {
  return endpoints.length > 0 || workloadSelector !== undefined;
}

/** What a ServiceEntry selects, in its namespace, and what it names itself; by the Service that its host is, or by its own name. */
function behindEntry({ metadata, spec }: KubeObject, { serving, workloads, at }: Known): Behind[] {
  const { namespace = '' } = metadata;
  const { hosts = [], ports = [], endpoints = [], workloadSelector } = spec as EntrySpec;
  const isMeant = (labels: Labels | undefined) => hasLabels(labels, workloadSelector?.labels ?? {});
  const here = (object: KubeObject) => object.metadata.namespace === namespace;
  const selected = workloadSelector === undefined ? [] : workloads.filter((one) => here(one) && isMeant(labelsOf(one)));
  const chosen =
    workloadSelector === undefined ? [] : serving.filter((pod) => here(pod) && isMeant(pod.metadata.labels));
  const pods = [...chosen, ...at([...endpoints.map(({ address }) => address), ...selected.map(addressOf)])];
  const told = ports.map(({ number, targetPort }) => targetPort ?? number);
  return hosts.map((host) => ({ service: serviceOf(host) ?? `${namespace}/${metadata.name}`, ports: told, pods }));
}

/** A Service of Kubernetes selects WorkloadEntries of its namespace beside pods (Istio). */
function behindService({ metadata, spec }: KubeObject, { workloads, at }: Omit<Known, 'serving'>): Behind[] {
  const { selector = {} } = (spec ?? {}) as { readonly selector?: Labels };
  if (Object.keys(selector).length === 0) return [];
  const own = workloads.filter(
    (one) => one.metadata.namespace === metadata.namespace && hasLabels(labelsOf(one), selector),
  );
  return [{ service: `${metadata.namespace}/${metadata.name}`, ports: [], pods: at(own.map(addressOf)) }];
}

/** None where the host is a pattern. */
const serviceOf = (host: string) => (host.startsWith('*') ? undefined : serviceOfHost(host));
const entryOf = ({ spec }: KubeObject) => (spec ?? {}) as Entry;
const addressOf = (object: KubeObject) => entryOf(object).address;
/** Those of its workload; of its own metadata as well (Istio). */
const labelsOf = (object: KubeObject): Labels => ({ ...object.metadata.labels, ...entryOf(object).labels });
