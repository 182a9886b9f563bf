import { KINDS, type KubeObject, type ObjectRef } from '../../model/kubernetes.ts';
import { limitOf } from '../../model/pod-limits.ts';
import type { Clock } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { ContainerLog } from '../api/container-log.ts';
import type { ExecAnswer } from '../api/context.ts';
import { fnv32a, timestamp } from '../api/identity.ts';
import { asMap, asObject, clone, ensureMap, type JsonMap, mapOf, mapsOf, stringOf } from '../api/json.ts';
import type { ObjectStore } from '../api/store.ts';
import type { PacketFilters } from '../nodes/packet-filter.ts';
import type { PodLoads } from '../nodes/pod-load.ts';
import { ShellContainer } from './container.ts';

type EphemeralOptions = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  /** From the patch of a pod to the start of its container. */
  readonly startMs: Millis;
  readonly filters: PacketFilters;
  readonly loads: PodLoads;
  /** Ends a container of a pod, as a signal to its first process does. */
  readonly endContainer: (namespace: string, pod: string, container: string) => boolean;
  /** Default gateway of the pods on a node. */
  readonly gatewayOf: (node: string) => string;
};

/** The containers that one pod has been given, by name. */
type PodWork = { readonly ip: string; readonly containers: Map<string, ShellContainer> };

/**
 * The part of a cluster's kubelets that runs ephemeral containers: each once, in the network of its pod, which keeps what
 * they have done to it when they end.
 */
export class EphemeralContainers {
  readonly #options: EphemeralOptions;
  readonly #work = new Map<string, PodWork>();
  readonly #stopListening: () => void;

  constructor(options: EphemeralOptions) {
    this.#options = options;
    this.#stopListening = options.store.onChange(({ type, object }) => {
      if (object.kind !== 'Pod') return;
      if (type === 'DELETED') this.#forget(object);
      else this.#look(object);
    });
  }

  /** The log of a container; undefined where none of this name was started. */
  log(namespace: string, pod: string, container: string): ContainerLog | undefined {
    return this.#find(namespace, pod, container)?.log;
  }

  /** Runs a command in a container that runs; undefined where none of this name was started. */
  exec(namespace: string, pod: string, container: string, command: readonly string[]): Promise<ExecAnswer> | undefined {
    return this.#find(namespace, pod, container)?.exec(command);
  }

  close(): void {
    this.#stopListening();
    for (const { containers } of this.#work.values()) for (const container of containers.values()) container.kill();
  }

  #find(namespace: string, name: string, container: string): ShellContainer | undefined {
    const uid = this.#options.store.get({ ...KINDS.pod, namespace, name })?.metadata.uid ?? '';
    return this.#work.get(uid)?.containers.get(container);
  }

  #forget({ metadata }: KubeObject): void {
    const work = this.#work.get(metadata.uid ?? '');
    this.#work.delete(metadata.uid ?? '');
    if (work === undefined) return;
    for (const container of work.containers.values()) container.kill();
    this.#options.filters.remove(work.ip);
    this.#options.loads.remove(work.ip);
  }

  /** Starts what stands in a pod that runs and has not been started. */
  #look(pod: KubeObject): void {
    const { spec, status } = asMap(pod);
    const entries = mapsOf(mapOf(spec).ephemeralContainers);
    const { phase, podIP } = mapOf(status);
    if (entries.length === 0 || phase !== 'Running' || typeof podIP !== 'string') return;
    const uid = pod.metadata.uid ?? '';
    const work = this.#work.get(uid) ?? { ip: podIP, containers: new Map() };
    this.#work.set(uid, work);
    const { clock, filters, loads, gatewayOf, endContainer } = this.#options;
    const limits = { cpuLimit: limitOf(pod, 'cpu'), memoryLimit: limitOf(pod, 'memory') };
    const { namespace = '', name: podName = '' } = pod.metadata;
    for (const entry of entries) {
      const name = stringOf(entry.name);
      if (work.containers.has(name)) continue;
      const gateway = gatewayOf(stringOf(mapOf(spec).nodeName));
      const target = stringOf(entry.targetContainerName);
      const endTarget = target === '' ? undefined : () => endContainer(namespace, podName, target);
      const container = new ShellContainer(clock, {
        ...{ ip: podIP, gateway, filters, load: loads.of(podIP), ...limits },
        endTarget,
      });
      work.containers.set(name, container);
      void this.#run(pod, entry, container);
    }
  }

  async #run(pod: KubeObject, entry: JsonMap, container: ShellContainer): Promise<void> {
    const { clock, startMs } = this.#options;
    this.#report(pod, entry, { waiting: { reason: 'PodInitializing' } });
    await clock.sleep(startMs);
    const startedAt = timestamp(clock);
    this.#report(pod, entry, { running: { startedAt } });
    const exitCode = await container.run(entry);
    const message = container.terminationMessage;
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    const told = message === '' ? {} : { message };
    const terminated = { exitCode, reason, ...told, startedAt, finishedAt: timestamp(clock) };
    this.#report(pod, entry, { terminated });
  }

  #report(pod: KubeObject, entry: JsonMap, state: JsonMap): void {
    const { store } = this.#options;
    const current = store.get(refOf(pod));
    if (current === undefined || current.metadata.uid !== pod.metadata.uid) return;
    const next = clone(asMap(current));
    const status = ensureMap(next, 'status');
    const [name, image] = [stringOf(entry.name), stringOf(entry.image)];
    const id = fnv32a(`${pod.metadata.uid}/${name}`).toString(16).padStart(64, '0');
    const own = {
      ...{ name, image, imageID: image, containerID: `containerd://${id}` },
      ...{ ready: false, restartCount: 0, state, lastState: {} },
    };
    const others = mapsOf(status.ephemeralContainerStatuses).filter((one) => one.name !== name);
    status.ephemeralContainerStatuses = [...others, own];
    store.update(asObject(next), { subresource: 'status' });
  }
}

function refOf({ metadata }: KubeObject): ObjectRef {
  return { ...KINDS.pod, namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
}
