import type { KubeObject } from '../../model/kubernetes.ts';
import type { ServerContext } from './context.ts';
import { badRequest, invalid, methodNotAllowed } from './errors.ts';
import { asMap, at, clone, ensureMap, type JsonMap, mapOf, numberOf, stringOf } from './json.ts';
import { applyPatchTo } from './patch.ts';
import { requireObject } from './read.ts';
import { objectReply, type Reply } from './reply.ts';
import { type ApiRequest, bodyMap } from './request.ts';
import { printSelector } from './table/column.ts';
import { writeOptions } from './write.ts';

/** The `scale` subresource of Deployments, ReplicaSets, StatefulSets and Rollouts. */
export function handleScale(request: ApiRequest, context: ServerContext): Reply {
  const live = requireObject(request, context);
  switch (request.verb) {
    case 'get':
      return objectReply(scaleOf(live));
    case 'update':
      return objectReply(rescale(live, bodyMap(request), request, context));
    case 'patch':
      return objectReply(rescale(live, applyPatchTo(scaleOf(live), request), request, context));
    default:
      throw methodNotAllowed();
  }
}

function scaleOf(object: KubeObject): JsonMap {
  const { name = '', namespace = '', uid = '', resourceVersion = '', creationTimestamp = '' } = object.metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberOf(at(object, 'spec', 'replicas')) },
    status: {
      replicas: numberOf(at(object, 'status', 'replicas')),
      selector: printSelector(at(object, 'spec', 'selector')),
    },
  };
}

function rescale(live: KubeObject, scale: JsonMap, request: ApiRequest, context: ServerContext): JsonMap {
  const { name = '', resource } = request;
  const metadata = mapOf(scale.metadata);
  if (stringOf(metadata.name) !== name) {
    throw badRequest(
      `the name of the object (${stringOf(metadata.name)}) does not match the name on the URL (${name})`,
    );
  }
  const replicas = at(scale, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    const message = `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`;
    throw invalid(resource, name, [{ reason: 'FieldValueInvalid', message, field: 'spec.replicas' }]);
  }
  const next = clone(live);
  ensureMap(asMap(next), 'spec').replicas = replicas;
  if (typeof metadata.resourceVersion === 'string') next.metadata.resourceVersion = metadata.resourceVersion;
  if (typeof metadata.uid === 'string') next.metadata.uid = metadata.uid;
  return scaleOf(context.store.update(next, writeOptions(request)));
}
