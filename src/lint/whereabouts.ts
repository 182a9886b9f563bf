import type { Locality } from '../mesh/locality.ts';
import { NETWORK_LABEL } from '../model/kubernetes.ts';
import type { Whereabouts } from '../model/place.ts';
import type { LivePod } from '../predict/live-system.ts';

/** Where a pod is, as clauses speak of it; of which subsets it is, depends on who calls. */
export function whereabouts({ cluster, workload, locality, labels }: LivePod): Whereabouts {
  const { zone, region } = locality;
  return { zone, region, cluster, workload, network: labels[NETWORK_LABEL] };
}

/** `region/zone` in words: what neither pods nor nodes say is empty. */
export function placeOf({ region, zone }: Locality): string {
  if (region !== '') return zone === '' ? `an unknown zone of ${region}` : `${region}/${zone}`;
  return zone === '' ? 'an unknown zone' : `${zone} of an unknown region`;
}

/** Places of some pods, each once. */
export function placesOf(pods: readonly LivePod[]): string[] {
  return [...new Set(pods.map(({ locality }) => placeOf(locality)))].sort();
}

/** Zones in words, each once, an unknown one last. */
export function zonesText(zones: readonly string[]): string {
  const known = [...new Set(zones.filter((zone) => zone !== ''))].sort();
  return [...known, ...(zones.includes('') ? ['an unknown zone'] : [])].join(', ');
}
