import { type KubeConfig, Watch } from '@kubernetes/client-node';
import { messageOf } from '../model/errors.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Clock, ObserveTrouble } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { KubeApiError } from './api-error.ts';
import { objectOf } from './objects.ts';

/** A list with the version a watch can go on from. */
export type ObjectList = { readonly items: readonly KubeObject[]; readonly resourceVersion: string };

type Observation = {
  readonly config: KubeConfig;
  readonly clock: Clock;
  /** Path of the collection; it may have to be discovered first. */
  readonly path: () => Promise<string>;
  readonly labelSelector: string | undefined;
  readonly list: () => Promise<ObjectList>;
  readonly onChange: (objects: readonly KubeObject[]) => void;
  readonly onTrouble: ((trouble: ObserveTrouble) => void) | undefined;
  readonly signal: AbortSignal;
};

/** How a round of list and watch ended where it was no good one. */
type Failure = ObserveTrouble & { readonly refused: boolean };

/** The server is asked to end each watch after this time, so that a list is never older. */
const WATCH_SECONDS = 10;
/** A watch that lasts as long was a good one. A list alone proves nothing: it would be repeated without end. */
const GOOD_WATCH_MS = 1_000;
/** First and longest pause after what may pass by itself, and after a refusal, which lasts. */
const PAUSE_MS = { broken: [100, 5_000], refused: [2_000, 15_000] } as const;
/** So many bad rounds in a row are trouble, refused or not. */
const MANY = 5;
/** Not authenticated, forbidden, method not allowed: what a watch that is not granted gets. */
const REFUSALS: readonly unknown[] = [401, 403, 405];

/**
 * Keeps the caller informed of a set of objects until the signal: list, then watch, and again from the list whenever
 * the watch ends or breaks. Watches die without notice (kubernetes-client/javascript#596), so no watch lasts longer than
 * WATCH_SECONDS, and the client itself closes one that is silent for 30 s. Never rejects: an API server that does not
 * answer, or refuses, is asked again, ever more slowly, and an `onChange` that throws is trouble, and called again.
 */
export async function observe(observation: Observation): Promise<void> {
  const { clock, onChange, onTrouble, signal } = observation;
  const told = new Set<string>();
  const once = ({ cannot, reason }: ObserveTrouble) => {
    if (!told.has(cannot)) onTrouble?.({ cannot, reason });
    told.add(cannot);
  };
  const tell = (objects: ReadonlyMap<string, KubeObject>) => {
    try {
      onChange([...objects.values()]);
    } catch (error) {
      once({ cannot: 'read', reason: messageOf(error) });
    }
  };
  let failures = 0;
  let pause = 0;
  while (!signal.aborted) {
    const failure = await round(observation, tell);
    if (signal.aborted) return;
    failures = failure === undefined ? 0 : failures + 1;
    pause = pauseAfter(failure, pause);
    if (failure !== undefined && (failure.refused || failures >= MANY)) once(failure);
    await clock.sleep(pause, signal);
  }
}

function pauseAfter(failure: Failure | undefined, before: Millis): Millis {
  const [first, longest] = PAUSE_MS[failure?.refused ? 'refused' : 'broken'];
  return failure === undefined ? first : Math.min(Math.max(before * 2, first), longest);
}

type Tell = (objects: ReadonlyMap<string, KubeObject>) => void;

async function round(observation: Observation, tell: Tell): Promise<Failure | undefined> {
  try {
    const path = await observation.path();
    const list = await observation.list();
    const objects = new Map(list.items.map((object) => [keyOf(object), object]));
    if (!observation.signal.aborted) tell(objects);
    return await follow(observation, path, list.resourceVersion, objects, tell);
  } catch (error) {
    const refused = error instanceof KubeApiError && REFUSALS.includes(error.status);
    return { cannot: 'list', reason: messageOf(error), refused };
  }
}

/** Follows one watch until it ends. */
async function follow(
  { config, clock, labelSelector, signal }: Observation,
  path: string,
  resourceVersion: string,
  objects: Map<string, KubeObject>,
  tell: Tell,
): Promise<Failure | undefined> {
  const { promise: ended, resolve: end } = Promise.withResolvers<unknown>();
  const onEvent = (type: string, sent: unknown) => {
    const object = objectOf(sent);
    if (signal.aborted || object === undefined) return;
    if (type === 'ADDED' || type === 'MODIFIED') objects.set(keyOf(object), object);
    else if (type === 'DELETED') objects.delete(keyOf(object));
    else return;
    tell(objects);
  };
  const query = { resourceVersion, labelSelector, timeoutSeconds: WATCH_SECONDS };
  const began = clock.now();
  const opening = new Watch(config).watch(path, query, onEvent, end);
  const stop = () => {
    opening.then((controller) => controller.abort()).catch(() => {});
    end(undefined);
  };
  opening.catch(end);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const error = await ended;
  signal.removeEventListener('abort', stop);
  const status = (error as { statusCode?: unknown } | null | undefined)?.statusCode;
  if (status === undefined && (clock.now() - began) / 1000 >= GOOD_WATCH_MS) return undefined;
  const reason = error === null || error === undefined ? 'it ends at once' : messageOf(error);
  return {
    cannot: 'watch',
    reason: status === undefined ? reason : `${status} ${reason}`,
    refused: REFUSALS.includes(status),
  };
}

function keyOf(object: KubeObject): string {
  return object.metadata.uid ?? `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;
}
