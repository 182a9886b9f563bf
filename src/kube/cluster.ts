import { FaultlineError } from '../model/errors.ts';
import { FIELD_MANAGER, KINDS, type KubeKind, type KubeObject, type ObjectRef } from '../model/kubernetes.ts';
import type { Clock, Cluster, PodCluster } from '../model/ports.ts';
import { isNotFound } from './api-error.ts';
import { listAll } from './list.ts';
import { objectOf } from './objects.ts';
import { type ObjectList, observe } from './observe.ts';
import { podAccess } from './pods.ts';
import { apiPath, Resources } from './resources.ts';
import { Rest } from './rest.ts';
import type { SigningConfig } from './signing.ts';

type KubeClusterOptions = Pick<Cluster, 'name' | 'region' | 'kubectl'> & {
  readonly config: SigningConfig;
  readonly clock: Clock;
};

/** A cluster whose requests can be ended: those under way are, and later ones are refused. */
export type KubeCluster = PodCluster & { close(): void };

/** The PodCluster port over one kubeconfig context. Nothing is sent before the first call. */
export function kubeCluster(options: KubeClusterOptions): KubeCluster {
  const { name, region, kubectl, config, clock } = options;
  const rest = new Rest(config, name, clock);
  const resources = new Resources(rest);

  const list = async (kind: KubeKind, filter: { namespace?: string; labelSelector?: string }): Promise<ObjectList> =>
    resources.asking(kind, async () =>
      listAll(rest, clock, await resources.path(kind, filter.namespace), { kind, ...filter }),
    );

  return {
    name,
    region,
    ...(kubectl === undefined ? {} : { kubectl }),
    get: (ref) =>
      resources.asking(ref, async () => {
        const path = await resources.path(ref, ref.namespace, ref.name);
        return orUndefined(stored(rest, ref.name, { method: 'GET', path, what: `get ${nameOf(ref)}` }));
      }),
    list: async (kind, filter) => [...(await list(kind, filter)).items],
    create: async (object, options) => {
      const path = await resources.pathToWrite(object, object.metadata.namespace);
      const query = { dryRun: options?.dryRun === true ? 'All' : undefined, fieldManager: FIELD_MANAGER };
      const what = `create ${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;
      return stored(rest, object.metadata.name, { method: 'POST', path, query, body: object, what });
    },
    patch: async (ref, ops, options) => {
      const tail = ref.subresource === undefined ? '' : `/${ref.subresource}`;
      const path = `${await resources.pathToWrite(ref, ref.namespace, ref.name)}${tail}`;
      const query = { dryRun: options?.dryRun === true ? 'All' : undefined, fieldManager: FIELD_MANAGER };
      const contentType = 'application/json-patch+json';
      const what = `patch ${nameOf(ref)}${tail}`;
      return stored(rest, ref.name, { method: 'PATCH', path, query, body: ops, contentType, what });
    },
    delete: async (ref, { uid, gracePeriodSeconds, evict = false, foreground = false } = {}) => {
      const path = await resources.path(ref, ref.namespace, ref.name);
      const options = {
        ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
        ...(uid === undefined ? {} : { preconditions: { uid } }),
        ...(foreground ? { propagationPolicy: 'Foreground' } : {}),
      };
      const request = evict ? evictionOf(ref, path, options) : deletionOf(ref, path, options);
      await orUndefined(rest.text(request));
    },
    observe: (kind, filter, onChange, signal, onTrouble) => {
      const path = () => resources.path(kind, filter.namespace);
      const { labelSelector } = filter;
      return observe({
        config,
        clock,
        path,
        labelSelector,
        list: () => list(kind, filter),
        onChange,
        onTrouble,
        signal,
      });
    },
    can: (verb, kind, namespace) => accessReview(rest, resources, verb, kind, namespace),
    ...podAccess(rest, config, name, clock),
    ...serverOf(rest),
  };
}

function deletionOf(ref: ObjectRef, path: string, options: object) {
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', ...options };
  return { method: 'DELETE' as const, path, body, what: `delete ${nameOf(ref)}` };
}

function evictionOf(ref: ObjectRef, path: string, deleteOptions: object) {
  const { name, namespace } = ref;
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions };
  return { method: 'POST' as const, path: `${path}/eviction`, body, what: `evict ${nameOf(ref)}` };
}

async function accessReview(
  rest: Rest,
  resources: Resources,
  verb: string,
  kind: KubeKind & { subresource?: string; name?: string },
  namespace: string,
): Promise<boolean> {
  const isWritten = ['create', 'patch', 'update'].includes(verb);
  const resource = await (isWritten ? resources.toWrite(kind) : resources.of(kind));
  const attributes = {
    verb,
    group: resource.group,
    resource: resource.name,
    // To RBAC a namespace is in itself.
    ...(resource.namespaced || kind.kind === KINDS.namespace.kind ? { namespace } : {}),
    ...(kind.subresource === undefined ? {} : { subresource: kind.subresource }),
    ...(kind.name === undefined ? {} : { name: kind.name }),
  };
  const review = await rest.json<{ status?: { allowed?: boolean } }>({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: attributes },
    },
    asks: true,
    what: `ask whether ${verb} ${kind.kind} is allowed`,
  });
  return review.status?.allowed === true;
}

/** What is of the server as a whole. */
function serverOf(rest: Rest): Pick<KubeCluster, 'identity' | 'close'> {
  return { identity: () => identity(rest), close: () => rest.close() };
}

async function identity(rest: Rest): Promise<{ uid: string; server: string; version: string }> {
  const path = `${apiPath('v1')}/namespaces/kube-system`;
  const what = `get ${KINDS.namespace.kind} kube-system`;
  const [version, namespace] = await Promise.all([
    rest.json<{ gitVersion?: string }>({ method: 'GET', path: '/version', what: 'read the version' }),
    rest.json<object>({ method: 'GET', path, what }),
  ]);
  const { uid } = named(namespace, rest, 'kube-system', what).metadata;
  if (uid === undefined) throw new FaultlineError('KUBE_API', `${rest.server}: namespace kube-system has no UID`);
  return { uid, server: rest.server, version: version.gitVersion ?? 'unknown' };
}

function nameOf(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`;
}

/** What is stored, after a write or not. Rejects where the answer is none of an API server: whether a write was done is not known then. */
async function stored(
  rest: Rest,
  wanted: string | undefined,
  request: Parameters<Rest['json']>[0],
): Promise<KubeObject> {
  return named(await rest.json<object>(request), rest, wanted, request.what);
}

function named(sent: unknown, rest: Rest, wanted: string | undefined, what: string): KubeObject {
  const object = objectOf(sent);
  if (object === undefined || object.metadata.name !== wanted) throw rest.noAnswer({ what }, 'no object of that name');
  return object;
}

async function orUndefined<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
