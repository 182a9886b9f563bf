import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Clock, Random } from '../../model/ports.ts';
import { ApiError } from '../api/errors.ts';
import { timestamp } from '../api/identity.ts';
import { asMap, clone, numberOf } from '../api/json.ts';
import type { ObjectStore } from '../api/store.ts';

/** Real servers forget events after an hour; here the oldest make room. */
const KEPT_EVENTS = 1000;

export type EventFacts = {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** `kubelet`, `deployment-controller`, … */
  readonly component: string;
  /** The node, for events of a kubelet. */
  readonly host?: string;
};

/** Writes core/v1 events about objects, the ones that `kubectl describe` shows. */
export type EventRecorder = { record(object: KubeObject, facts: EventFacts): void };

/** The same event about the same object is counted, not written again (client-go tools/record). */
export function createEventRecorder({
  store,
  clock,
  random,
}: {
  store: ObjectStore;
  clock: Clock;
  random: Random;
}): EventRecorder {
  const names = new Map<string, { namespace: string; name: string }>();

  const repeat = (key: string): boolean => {
    const known = names.get(key);
    const event = known && store.get({ ...KINDS.event, ...known });
    if (event === undefined) return false;
    const next = asMap(clone(event));
    next.count = numberOf(next.count, 1) + 1;
    next.lastTimestamp = timestamp(clock);
    store.update(next as unknown as KubeObject);
    return true;
  };

  const forgetOldest = (): void => {
    const [key, oldest] = names.entries().next().value ?? [];
    if (names.size <= KEPT_EVENTS || key === undefined || oldest === undefined) return;
    names.delete(key);
    if (store.get({ ...KINDS.event, ...oldest }) !== undefined) store.delete({ ...KINDS.event, ...oldest });
  };

  return {
    record(object, facts) {
      const key = [object.metadata.uid, facts.type, facts.reason, facts.message, facts.host].join('|');
      try {
        if (repeat(key)) return;
        const created = store.create(eventObject(object, facts, { time: timestamp(clock), random }));
        names.set(key, { namespace: created.metadata.namespace ?? 'default', name: created.metadata.name ?? '' });
        forgetOldest();
      } catch (error) {
        // No events are written into a namespace that is going away.
        if (!(error instanceof ApiError)) throw error;
      }
    },
  };
}

function eventObject(
  object: KubeObject,
  facts: EventFacts,
  { time, random }: { time: string; random: Random },
): KubeObject {
  const { name = '', namespace, uid = '', resourceVersion = '' } = object.metadata;
  const suffix = Math.floor(random() * 0xffff_ffff_ffff)
    .toString(16)
    .padStart(12, '0');
  const clusterScoped = namespace === undefined || object.kind === KINDS.namespace.kind;
  return {
    ...KINDS.event,
    metadata: { name: `${name}.${suffix}`, namespace: clusterScoped ? 'default' : namespace },
    involvedObject: {
      kind: object.kind,
      ...(clusterScoped ? {} : { namespace }),
      name,
      uid,
      apiVersion: object.apiVersion,
      resourceVersion,
    },
    reason: facts.reason,
    message: facts.message,
    source: { component: facts.component, ...(facts.host === undefined ? {} : { host: facts.host }) },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    type: facts.type,
    eventTime: null,
    reportingComponent: facts.component,
    reportingInstance: facts.host ?? '',
  };
}
