import type { KubeObject } from '../../model/kubernetes.ts';
import type { ServerContext } from './context.ts';
import type { DeleteOptions, Propagation } from './deletion.ts';
import { badRequest } from './errors.ts';
import { asMap, isMap, type JsonMap, mapOf } from './json.ts';
import { refOf } from './read.ts';
import { objectReply, type Reply, success } from './reply.ts';
import { type ApiRequest, isDryRun, kindOf } from './request.ts';
import { selectionOf } from './selection.ts';

const PROPAGATIONS: readonly string[] = ['Background', 'Foreground', 'Orphan'];

export function handleDelete(request: ApiRequest, context: ServerContext): Reply {
  const options = readDeleteOptions(request, mapOf(request.body.value));
  const left = context.store.delete(refOf(request), options);
  const still = context.store.get(refOf(request));
  const { resource, name = '' } = request;
  if (resource.kind === 'Pod' || resource.kind === 'Service' || still !== undefined) return objectReply(asMap(left));
  const group = resource.group === '' ? {} : { group: resource.group };
  return success(200, { name, ...group, kind: resource.plural, uid: left.metadata.uid ?? '' });
}

/** Deletes everything the selectors of a collection request select. */
export function handleDeleteCollection(request: ApiRequest, context: ServerContext): Reply {
  const options = readDeleteOptions(request, mapOf(request.body.value));
  const objects: KubeObject[] = context.store.list(kindOf(request), request.namespace).filter(selectionOf(request));
  const items = objects.map(({ metadata }) => {
    const { namespace, name = '' } = metadata;
    const ref = { ...kindOf(request), name, ...(namespace === undefined ? {} : { namespace }) };
    return asMap(context.store.delete(ref, options));
  });
  return { kind: 'list', items, metadata: { resourceVersion: String(context.store.revision()) } };
}

/** DeleteOptions from the body, or from the query where the body says nothing. */
export function readDeleteOptions(request: ApiRequest, body: JsonMap): DeleteOptions {
  const preconditions = mapOf(body.preconditions);
  const grace = body.gracePeriodSeconds ?? numberParameter(request, 'gracePeriodSeconds');
  const propagation = readPropagation(body, request);
  return {
    dryRun: isDryRun(request, body),
    ...(typeof preconditions.uid === 'string' ? { uid: preconditions.uid } : {}),
    ...(typeof preconditions.resourceVersion === 'string' ? { resourceVersion: preconditions.resourceVersion } : {}),
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(propagation === undefined ? {} : { propagation }),
  };
}

function numberParameter({ query }: ApiRequest, name: string): number | undefined {
  const text = query.get(name);
  return text === null || !/^-?\d{1,9}$/.test(text) ? undefined : Number(text);
}

/** `orphanDependents` is the older spelling. */
function readPropagation(body: JsonMap, { query }: ApiRequest): Propagation | undefined {
  const value = body.propagationPolicy ?? query.get('propagationPolicy');
  if (value === null || value === undefined) {
    const orphan = body.orphanDependents ?? query.get('orphanDependents');
    if (orphan === null || orphan === undefined || isMap(orphan)) return undefined;
    return String(orphan) === 'true' ? 'Orphan' : 'Background';
  }
  if (!PROPAGATIONS.includes(String(value))) {
    throw badRequest(
      `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(value)}`,
    );
  }
  return value as Propagation;
}
