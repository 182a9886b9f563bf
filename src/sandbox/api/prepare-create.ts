import type { KubeObject } from '../../model/kubernetes.ts';
import type { Clock, Random } from '../../model/ports.ts';
import { applyDefaults, initialStatus } from './defaults.ts';
import { badRequest, invalid } from './errors.ts';
import { newUid, timestamp } from './identity.ts';
import { asMap, asObject, clone } from './json.ts';
import type { Resource } from './resource.ts';
import { validateCreate } from './validate.ts';

type CreateContext = {
  readonly clock: Clock;
  readonly random: Random;
  /** The name asked for, or the one made from generateName. */
  readonly name: string;
  readonly services: () => readonly KubeObject[];
  readonly proxyImage: string | undefined;
};

/** A new object as it is stored: system metadata, defaults, first status; or an ApiError. */
export function prepareCreate(input: KubeObject, resource: Resource, context: CreateContext): KubeObject {
  const object = clone(input);
  const { metadata } = object;
  if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  if (context.name === '') {
    const message = 'Required value: name or generateName is required';
    throw invalid(resource, '', [{ reason: 'FieldValueRequired', message, field: 'metadata.name' }]);
  }
  metadata.name = context.name;
  if (!resource.namespaced) delete metadata.namespace;
  else if (metadata.namespace === undefined || metadata.namespace === '') metadata.namespace = 'default';
  metadata.uid = newUid(context.random);
  metadata.creationTimestamp = timestamp(context.clock);
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.generation;
  if (resource.generation) metadata.generation = 1;

  const map = asMap(object);
  const { random, proxyImage } = context;
  applyDefaults(map, { random, proxyImage, services: () => context.services().map(asMap) });
  const status = initialStatus(map);
  if (status !== undefined) map.status = status;
  else if (resource.subresources.includes('status')) delete map.status;
  validateCreate(map, resource);
  return asObject(map);
}
