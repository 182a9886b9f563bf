import { type KubeConfig, Watch } from '@kubernetes/client-node';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Clock } from '../model/ports.ts';

/** A list with the version a watch can go on from. */
export type ObjectList = { readonly items: readonly KubeObject[]; readonly resourceVersion: string };

export type Observation = {
  readonly config: KubeConfig;
  readonly clock: Clock;
  readonly path: string;
  readonly labelSelector: string | undefined;
  readonly list: () => Promise<ObjectList>;
  readonly onChange: (objects: readonly KubeObject[]) => void;
  readonly signal: AbortSignal;
};

/** The server is asked to end each watch after this time, so that a list is never older. */
const WATCH_SECONDS = 10;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Keeps the caller informed of a set of objects until the signal: list, then watch, and again from the list whenever
 * the watch ends or breaks. Watches die without notice (kubernetes-client/javascript#596), so no watch lasts longer than
 * WATCH_SECONDS, and the client itself closes one that is silent for 30 s. Never rejects: an API server that does not answer is asked again, ever more slowly.
 */
export async function observe(observation: Observation): Promise<void> {
  let pause = 100;
  while (!observation.signal.aborted) {
    try {
      const list = await observation.list();
      pause = 100;
      const objects = new Map(list.items.map((object) => [keyOf(object), object]));
      observation.onChange([...objects.values()]);
      await follow(observation, list.resourceVersion, objects);
    } catch {
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
    await observation.clock.sleep(pause, observation.signal);
  }
}

/** Follows one watch until it ends. */
async function follow(
  { config, path, labelSelector, onChange, signal }: Observation,
  resourceVersion: string,
  objects: Map<string, KubeObject>,
): Promise<void> {
  const watch = new Watch(config);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const onEvent = (type: string, object: KubeObject) => {
    if (signal.aborted) return;
    if (type === 'ADDED' || type === 'MODIFIED') objects.set(keyOf(object), object);
    else if (type === 'DELETED') objects.delete(keyOf(object));
    else return;
    onChange([...objects.values()]);
  };
  const query = { resourceVersion, labelSelector, timeoutSeconds: WATCH_SECONDS };
  const controller = await watch.watch(path, query, onEvent, () => end());
  const stop = () => {
    controller.abort();
    end();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  await ended;
  signal.removeEventListener('abort', stop);
}

function keyOf(object: KubeObject): string {
  return object.metadata.uid ?? `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;
}
