import type { CalledWorkload } from '../mesh/requests-reader.ts';
import type { Endpoint } from '../model/target.ts';

/** Where a workload lies. */
type WorkloadPlace = { readonly region: string; readonly zone: string };

/** Where the workloads of all clusters lie, by their endpoints; each has all zones that it was ever seen in. */
export class WorkloadPlaces {
  readonly #seen = new Map<string, Map<string, { readonly cluster: string; readonly place: WorkloadPlace }>>();
  /** Istio's IDs by the clusters that have them: nothing keeps two of separate meshes from having the same. */
  readonly #ids = new Map<string, string>();

  /** Told of the endpoints of each cluster, whenever they change. */
  look(endpoints: readonly Endpoint[]): void {
    for (const { cluster, region, zone, namespace, workload } of endpoints) {
      const key = `${namespace}/${workload}`;
      const places = this.#seen.get(key) ?? new Map<string, { cluster: string; place: WorkloadPlace }>();
      this.#seen.set(key, places.set(`${cluster} ${zone}`, { cluster, place: { region, zone } }));
    }
  }

  /** Told by a proxy of a cluster what Istio calls that. */
  learn(cluster: string, clusterId: string): void {
    this.#ids.set(cluster, clusterId);
  }

  /** The one zone of a workload. Throws an Error in words where that is not known. */
  of({ name, namespace, clusterId }: CalledWorkload): WorkloadPlace {
    const seen = [...(this.#seen.get(`${namespace}/${name}`)?.values() ?? [])];
    const isThere = (cluster: string): boolean =>
      clusterId === '' || (this.#ids.get(cluster) ?? clusterId) === clusterId;
    const places = seen.filter(({ cluster }) => isThere(cluster)).map(({ place }) => place);
    const zones = [...new Set(places.map(({ zone }) => zone))].sort();
    const [place] = places;
    const what = `its metrics tell workloads, and workload ${namespace}/${name}`;
    if (place === undefined) throw new Error(`${what} is behind no Service that is observed`);
    if (zones.length > 1) throw new Error(`${what} lies in ${zones.join(' and ')}`);
    if (place.zone === '') throw new Error(`${what} has no zone`);
    return place;
  }
}
