import type { MeshPod } from './mesh-pod.ts';

/** The running pods of all clusters, by address and by name. */
export class PodRegistry {
  readonly #byIp = new Map<string, MeshPod>();
  readonly #byName = new Map<string, MeshPod>();

  add(pod: MeshPod): void {
    this.#byIp.set(pod.options.ip, pod);
    this.#byName.set(nameOf(pod), pod);
  }

  remove(pod: MeshPod): void {
    this.#byIp.delete(pod.options.ip);
    // Another pod may have the name by now: a killed one goes on for a moment after its object is gone.
    if (this.#byName.get(nameOf(pod)) === pod) this.#byName.delete(nameOf(pod));
  }

  at(ip: string): MeshPod | undefined {
    return this.#byIp.get(ip);
  }

  named(cluster: string, namespace: string, name: string): MeshPod | undefined {
    return this.#byName.get(`${cluster}/${namespace}/${name}`);
  }

  all(): MeshPod[] {
    return [...this.#byIp.values()];
  }
}

function nameOf(pod: MeshPod): string {
  const { cluster, object } = pod.options;
  return `${cluster}/${object.metadata.namespace}/${object.metadata.name}`;
}
