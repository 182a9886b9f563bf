import type { KubeObject } from '../../model/kubernetes.ts';
import type { ContainerLog } from '../api/container-log.ts';
import type { PodStart, StartedPod } from '../nodes/kubelet.ts';

/** A real program that runs as a pod's container, somewhere on this machine. */
export type HostedProgram = {
  /** What it writes; ends with it. */
  readonly log: ContainerLog;
  /** Ports of the pod, and the ports of 127.0.0.1 on which the program listens in their place. */
  readonly ports: Readonly<Record<number, number>>;
  /** Exit code, when it has ended. */
  readonly exited: Promise<number>;
  /** The pod is gone: ends the program. */
  stop(): void;
};

/** Starts the program for a pod when the pod's container starts; undefined leaves the pod to what its image stands for. */
export type Programs = (pod: KubeObject, cluster: string) => Promise<HostedProgram | undefined> | undefined;

/** A pod whose container is a hosted program. It has no sidecar, and only the API server reaches its ports. */
export type HostedPod = { readonly ip: string; readonly program: HostedProgram };

/** The hosted pods of one cluster. */
export class HostedPods {
  readonly #pods = new Map<string, HostedPod>();

  named(namespace: string, name: string): HostedPod | undefined {
    return this.#pods.get(`${namespace}/${name}`);
  }

  /** Takes the program up as the container of a pod. */
  add({ object, ip }: PodStart, program: HostedProgram): StartedPod {
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    this.#pods.set(key, { ip, program });
    return {
      listens: (port) => program.ports[port] !== undefined,
      exited: program.exited,
      close: () => {
        this.#pods.delete(key);
        program.stop();
      },
    };
  }
}
