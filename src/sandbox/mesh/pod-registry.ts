import type { MeshPod } from './mesh-pod.ts';

/** The pods of all clusters that are in the mesh, by address. */
export class PodRegistry {
  readonly #byIp = new Map<string, MeshPod>();

  add(pod: MeshPod): void {
    this.#byIp.set(pod.options.ip, pod);
  }

  remove(pod: MeshPod): void {
    this.#byIp.delete(pod.options.ip);
  }

  at(ip: string): MeshPod | undefined {
    return this.#byIp.get(ip);
  }
}
