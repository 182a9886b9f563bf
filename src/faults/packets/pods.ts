import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import { podLocality } from '../../model/pod-locality.ts';
import type { Cluster } from '../../model/ports.ts';
import { isAlive, type Pod, readPod } from '../../workload/pods.ts';
import { endAll } from '../end-all.ts';
import type { Aim } from './data.ts';

/** A pod as it was read and as the API has it. */
export type Found = { readonly pod: Pod; readonly object: KubeObject };

/** Where the nodes of a cluster are. */
export type Nodes = readonly KubeObject[];

/** All pods that an aim means and that are alive, by name; count and percent not applied. */
export async function podsOf(aim: Aim, nodes: Nodes, cluster: Cluster): Promise<Found[]> {
  const labels = new Map(nodes.map(({ metadata }) => [metadata.name ?? '', metadata.labels]));
  const zones = new Map([...labels].map(([name, own]) => [name, podLocality(undefined, own).zone]));
  const lists = await endAll(
    aim.namespaces.map(async (namespace) => {
      const selected = await selectorsOf(aim, namespace, cluster);
      const filter = selected.length === 0 ? {} : { labelSelector: selected.join(',') };
      return cluster.list(KINDS.pod, { namespace, ...filter });
    }),
  );
  return lists
    .flat()
    .map((object) => ({ object, pod: readPod(object, zones) }))
    .filter(({ pod }) => isAlive(pod))
    .filter(({ pod }) => aim.owner === null || pod.owners.includes(aim.owner))
    .filter(({ pod }) => aim.zone === null || pod.zone === aim.zone)
    .filter(({ pod }) => aim.region === null || podLocality(pod.labels, labels.get(pod.node)).region === aim.region)
    .sort((a, b) => (a.pod.name < b.pod.name ? -1 : 1));
}

async function selectorsOf({ service, selector }: Aim, namespace: string, cluster: Cluster): Promise<string[]> {
  const own = selector === null ? [] : [selector];
  if (service === null) return own;
  const found = await serviceOf(service, namespace, cluster);
  const { selector: labels = {} } = (found.spec ?? {}) as { selector?: Record<string, string> };
  if (Object.keys(labels).length > 0) return [...own, selectorText(labels)];
  const what = `cluster ${cluster.name}: Service ${namespace}/${service} selects no pods: it has no selector`;
  throw new FaultlineError('FAULT_NO_TARGET', what, { hint: 'Name its pods by deployment or selector.' });
}

/** A Service. Throws FAULT_NO_TARGET where there is none of this name. */
export async function serviceOf(name: string, namespace: string, cluster: Cluster): Promise<KubeObject> {
  const found = await cluster.get({ ...KINDS.service, namespace, name });
  if (found !== undefined) return found;
  const what = `cluster ${cluster.name}: there is no Service ${namespace}/${name}`;
  throw new FaultlineError('FAULT_NO_TARGET', what, { hint: `kubectl -n ${namespace} get services` });
}
