import type { KubeObject } from '../../model/kubernetes.ts';
import { asMap, asObject, type JsonMap, mapOf } from './json.ts';
import type { Resource } from './resource.ts';

const EVENTS_GROUP = 'events.k8s.io/v1';

/** The object in another served version of its kind. Only Event looks different between its two APIs. */
export function convert(object: KubeObject, resource: Resource, apiVersion: string): KubeObject {
  if (object.apiVersion === apiVersion) return object;
  if (resource.kind !== 'Event') return Object.freeze({ ...object, apiVersion });
  return asObject(Object.freeze(apiVersion === EVENTS_GROUP ? toEventsGroup(asMap(object)) : toCore(asMap(object))));
}

/** Field names differ (k8s.io/kubernetes/pkg/apis/events/v1/conversion.go). */
function toEventsGroup(event: JsonMap): JsonMap {
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...same } = event;
  return withoutUndefined({
    ...same,
    apiVersion: EVENTS_GROUP,
    regarding: involvedObject,
    note: message,
    reportingController: reportingComponent,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
  });
}

function toCore(event: JsonMap): JsonMap {
  const { regarding, note, deprecatedSource, deprecatedFirstTimestamp, deprecatedLastTimestamp, ...rest } = event;
  const { deprecatedCount, reportingController, ...same } = rest;
  return withoutUndefined({
    ...same,
    apiVersion: 'v1',
    involvedObject: mapOf(regarding),
    message: note,
    source: deprecatedSource,
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
    reportingComponent: reportingController,
  });
}

function withoutUndefined(fields: Record<string, unknown>): JsonMap {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonMap;
}
