import type { KubeObject } from '../../model/kubernetes.ts';
import type { ServerContext } from './context.ts';
import { handleEphemeralContainers } from './ephemeral-containers.ts';
import { ApiError, badRequest, methodNotAllowed, notFound } from './errors.ts';
import { handleEviction } from './eviction.ts';
import { asMap, asObject, at, clone, ensureMap, listOf, mapOf, mapsOf, stringOf } from './json.ts';
import { refOf, requireObject } from './read.ts';
import { objectReply, type Reply, success, textReply } from './reply.ts';
import { type ApiRequest, bodyMap, isDryRun } from './request.ts';
import { handleScale } from './scale.ts';
import { logText } from './serve-log.ts';

type Handler = (request: ApiRequest, context: ServerContext) => Reply | Promise<Reply>;

/** The handler of a subresource other than `status`, which goes the way of its object. */
export function subresourceHandler(name: string): Handler | undefined {
  return HANDLERS[name];
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  scale: handleScale,
  eviction: handleEviction,
  log: handleLog,
  binding: handleBinding,
  proxy: handleProxy,
  finalize: handleFinalize,
  ephemeralcontainers: handleEphemeralContainers,
  exec: handleUpgrade,
  portforward: handleUpgrade,
};

/** A command runs, and a port is reached, over a connection that is upgraded and nothing else. */
function handleUpgrade(): Reply {
  throw badRequest('Upgrade request required');
}

function handleLog(request: ApiRequest, context: ServerContext): Reply {
  if (request.verb !== 'get') throw methodNotAllowed();
  const pod = requireObject(request, context);
  const own = mapsOf(at(pod, 'spec', 'containers')).map((one) => stringOf(one.name));
  const names = [...own, ...mapsOf(at(pod, 'spec', 'ephemeralContainers')).map((one) => stringOf(one.name))];
  const name = request.name ?? '';
  const container = request.query.get('container') ?? '';
  if (container === '' && own.length !== 1) {
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
  }
  if (container !== '' && !names.includes(container)) {
    throw badRequest(`container ${container} is not valid for pod ${name}`);
  }
  const named = container || (names[0] ?? '');
  checkStarted(pod, named);
  const log = context.podLog(request.namespace ?? '', name, named);
  const limit = request.query.get('tailLines');
  const tailLines = limit !== null && /^\d{1,9}$/.test(limit) ? Number(limit) : undefined;
  const follow = ['true', '1'].includes(request.query.get('follow') ?? '');
  return follow ? { kind: 'log', log, tailLines } : textReply(logText(log, tailLines));
}

/** A container that has never run has no log (pkg/kubelet/kubelet_pods.go validateContainerLogStatus). */
function checkStarted(pod: KubeObject, container: string): void {
  const lists = ['containerStatuses', 'ephemeralContainerStatuses'].map((list) => mapsOf(at(pod, 'status', list)));
  const status = lists.flat().find((one) => one.name === container);
  const waiting = at(status, 'state', 'waiting');
  if (waiting === undefined || at(status, 'lastState', 'terminated') !== undefined) return;
  const reason = stringOf(mapOf(waiting).reason);
  throw badRequest(`container "${container}" in pod "${pod.metadata.name}" is waiting to start: ${reason}`);
}

/** What a scheduler sends: puts a pod on a node, once. */
function handleBinding(request: ApiRequest, context: ServerContext): Reply {
  if (request.verb !== 'create') throw methodNotAllowed();
  const pod = clone(requireObject(request, context));
  const node = stringOf(at(bodyMap(request), 'target', 'name'));
  const spec = ensureMap(asMap(pod), 'spec');
  if (stringOf(spec.nodeName) !== '') {
    throw new ApiError(409, 'Conflict', `pod ${request.name} is already assigned to node "${String(spec.nodeName)}"`);
  }
  spec.nodeName = node;
  context.store.update(pod, { dryRun: isDryRun(request) });
  return success(201);
}

/** `P:PORT` or `http:P:PORT`; method, body, the rest of the path and the query go to the pod as they are. */
async function handleProxy(request: ApiRequest, context: ServerContext): Promise<Reply> {
  const parts = (request.name ?? '').split(':');
  const [pod = '', port = '80'] = parts.length === 3 ? parts.slice(1) : parts;
  const { namespace = '' } = request;
  if (context.store.get({ ...refOf(request), name: pod }) === undefined) throw notFound(request.resource, pod);
  if (!/^\d{1,5}$/.test(port)) throw badRequest(`invalid pod request ${JSON.stringify(request.name)}`);
  const query = request.query.size === 0 ? '' : `?${request.query.toString()}`;
  try {
    const answer = await context.podProxy(namespace, pod, Number(port), `/${request.rest}${query}`, request.passed);
    return { kind: 'raw', code: answer.status, contentType: answer.contentType, body: answer.body };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ApiError(503, 'ServiceUnavailable', `error trying to reach service: ${why}`);
  }
}

/** Takes the finalizer off a namespace; the last one gone, a terminating namespace is removed. */
function handleFinalize(request: ApiRequest, context: ServerContext): Reply {
  if (request.verb !== 'update') throw methodNotAllowed();
  const live: KubeObject = requireObject(request, context);
  const finalizers = listOf(mapOf(bodyMap(request).spec).finalizers);
  const next = asMap(clone(live));
  ensureMap(next, 'spec').finalizers = finalizers;
  const stored = context.store.update(asObject(next), { dryRun: isDryRun(request) });
  if (finalizers.length === 0 && stored.metadata.deletionTimestamp !== undefined && !isDryRun(request)) {
    context.store.finalizeDelete(refOf(request));
  }
  return objectReply(asMap(stored));
}
