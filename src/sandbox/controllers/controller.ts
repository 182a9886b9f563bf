import type { Clock, Random } from '../../model/ports.ts';
import type { ObjectStore, StoreEvent } from '../api/store.ts';
import type { EventRecorder } from './events.ts';

export type ControllerContext = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventRecorder;
};

/** One control loop: which keys an event makes stale, and how a key is brought to its wanted state. */
export type Controller = {
  readonly name: string;
  readonly keys: (event: StoreEvent) => readonly string[];
  /** Idempotent. A number asks to look again after so many milliseconds. */
  readonly reconcile: (key: string) => number | undefined;
};

/** Key of a namespaced object. */
export function keyOf(namespace: string | undefined, name: string | undefined): string {
  return `${namespace ?? ''}/${name ?? ''}`;
}

export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
