import type { KubeObject } from '../../model/kubernetes.ts';
import { applyDefaults } from './defaults.ts';
import { conflict } from './errors.ts';
import { asMap, asObject, clone, type JsonMap, mapOf, mapsOf, sameJson, setDefault } from './json.ts';
import type { Resource } from './resource.ts';
import { validateUpdate } from './validate.ts';

export type UpdateOptions = {
  readonly subresource?: 'status' | 'ephemeralcontainers';
};

/** What an update stores: the new object under the old identity; or an ApiError. */
export function prepareUpdate(
  current: KubeObject,
  input: KubeObject,
  resource: Resource,
  options: UpdateOptions,
): KubeObject {
  const { uid, name = '' } = current.metadata;
  if (input.metadata.uid !== undefined && input.metadata.uid !== '' && input.metadata.uid !== uid) {
    const why = `Precondition failed: UID in precondition: ${input.metadata.uid}, UID in object meta: ${uid}`;
    throw conflict(resource, name, why);
  }
  if (options.subresource === 'status') return withStatus(current, input);
  const next = clone(input);
  if (options.subresource === 'ephemeralcontainers') return next;
  keepIdentity(current, next);
  const map = asMap(next);
  if (resource.subresources.includes('status')) keepField(asMap(current), map, 'status');
  keepAllocations(asMap(current), map);
  applyDefaults(map, { random: () => 0, services: () => [] });
  validateUpdate(asMap(current), map, resource);
  if (resource.generation) next.metadata.generation = nextGeneration(asMap(current), map);
  return next;
}

function withStatus(current: KubeObject, input: KubeObject): KubeObject {
  const next: JsonMap = { ...asMap(current), metadata: { ...mapOf(asMap(current).metadata) } };
  keepField(clone(asMap(input)), next, 'status');
  return asObject(next);
}

/** System metadata is the server's own; what a client sends there is ignored. */
function keepIdentity(current: KubeObject, next: KubeObject): void {
  const from = asMap(current).metadata as JsonMap;
  const to = asMap(next).metadata as JsonMap;
  const fixed = ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation'];
  for (const field of [...fixed, 'namespace', 'generateName']) keepField(from, to, field);
  if (Array.isArray(to.finalizers) && to.finalizers.length === 0) delete to.finalizers;
}

function keepField(from: JsonMap, to: JsonMap, field: string): void {
  const value = from[field];
  if (value === undefined) delete to[field];
  else to[field] = value;
}

/** What the server has given out stays when a client leaves it out: cluster IPs and node ports, the pod's selector of a job. */
function keepAllocations(current: JsonMap, next: JsonMap): void {
  const from = mapOf(current.spec);
  const to = mapOf(next.spec);
  if (next.kind === 'Job' && from.selector !== undefined) setDefault(to, 'selector', clone(from.selector));
  if (next.kind !== 'Service' || to.type === 'ExternalName') return;
  if (from.clusterIP !== undefined && to.clusterIP !== '') setDefault(to, 'clusterIP', from.clusterIP);
  const ports = mapsOf(from.ports);
  for (const port of mapsOf(to.ports)) {
    const old = ports.find((one) => one.port === port.port && one.protocol === (port.protocol ?? 'TCP'));
    if (old?.nodePort !== undefined && (to.type === 'NodePort' || to.type === 'LoadBalancer')) {
      setDefault(port, 'nodePort', old.nodePort);
    }
  }
}

function nextGeneration(current: JsonMap, next: JsonMap): number {
  const generation = Number(mapOf(current.metadata).generation ?? 1);
  const without = ({ metadata: _, status: __, ...rest }: JsonMap) => rest;
  return sameJson(without(current), without(next)) ? generation : generation + 1;
}

/** An update that changes nothing is no event and no new version (apiserver storage/etcd3 GuaranteedUpdate). */
export function isUnchanged(current: KubeObject, next: KubeObject): boolean {
  const comparable = (object: KubeObject): unknown => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: undefined },
  });
  return sameJson(comparable(current), comparable(next));
}
