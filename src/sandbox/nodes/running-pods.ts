import type { ContainerLog } from '../api/container-log.ts';
import type { PodPort, ProxyAnswer } from '../api/context.ts';
import type { Passed } from '../api/request.ts';
import type { PodStart, StartedPod } from './kubelet.ts';

/** A started pod with what the API server reaches of it. */
export type RunningPod = StartedPod & {
  readonly log: ContainerLog;
  /** Answers on one of the pod's ports; undefined when nothing listens there. */
  answer(port: number, path: string, request: Passed): Promise<ProxyAnswer | undefined>;
};

/** Starts the containers of a pod. */
export type StartPod = (start: PodStart) => Promise<RunningPod>;

type Reached = { readonly ip: string; readonly pod: RunningPod };

/** The running pods of one cluster, by name. */
export class RunningPods {
  readonly #pods = new Map<string, Reached>();

  named(namespace: string, name: string): Reached | undefined {
    return this.#pods.get(`${namespace}/${name}`);
  }

  /** A port of a pod that runs, for as long as this very pod does. */
  port(namespace: string, name: string, port: number): PodPort | undefined {
    const found = this.named(namespace, name)?.pod;
    if (found === undefined) return undefined;
    return async (path, request) => {
      const isThere = this.named(namespace, name)?.pod === found;
      return isThere ? found.answer(port, path, request) : undefined;
    };
  }

  /** Keeps a pod until its kubelet closes it. */
  add({ object, ip }: PodStart, pod: RunningPod): StartedPod {
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    this.#pods.set(key, { ip, pod });
    return {
      ...pod,
      close: () => {
        // Another pod may have the name by now: a killed one goes on for a moment after its object is gone.
        if (this.#pods.get(key)?.pod === pod) this.#pods.delete(key);
        pod.close();
      },
    };
  }
}
