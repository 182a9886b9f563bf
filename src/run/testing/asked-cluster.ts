import { FaultlineError } from '../../model/errors.ts';
import type { Permission } from '../../model/fault.ts';
import type { KubeKind, ObjectRef } from '../../model/kubernetes.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';

export type AskedCluster = {
  readonly cluster: Cluster;
  /** What the API has been asked for, as RBAC sees it. */
  readonly asked: Permission[];
  /** Whether it may be done; everything is at first. */
  allows: (permission: Permission) => boolean;
};

/** A cluster that notes what it is asked for, and can refuse it. */
export function askedCluster(cluster: Cluster): AskedCluster {
  const asked: AskedCluster = { cluster: noting(cluster, ask), asked: [], allows: () => true };
  function ask(permission: Permission): void {
    asked.asked.push(permission);
    if (asked.allows(permission)) return;
    throw new FaultlineError('PERMISSION_DENIED', `forbidden: ${permission.verb} ${permission.kind}`);
  }
  return asked;
}

function noting(cluster: Cluster, ask: (permission: Permission) => void): Cluster {
  const note = (verb: string, { apiVersion, kind }: KubeKind, namespace = '', more: Partial<Permission> = {}): void =>
    ask({ apiVersion, kind, verb, namespace, ...more });
  const one = (verb: string, ref: ObjectRef) => note(verb, ref, ref.namespace, { name: ref.name });
  return {
    name: cluster.name,
    region: cluster.region,
    get: async (ref) => {
      one('get', ref);
      return cluster.get(ref);
    },
    list: async (kind, filter) => {
      note('list', kind, filter.namespace);
      return cluster.list(kind, filter);
    },
    create: async (object, options) => {
      note('create', object, object.metadata.namespace);
      return cluster.create(object, options);
    },
    patch: async (ref, ops, options) => {
      const { subresource } = ref;
      note('patch', ref, ref.namespace, { name: ref.name, ...(subresource === undefined ? {} : { subresource }) });
      return cluster.patch(ref, ops, options);
    },
    delete: async (ref, options) => {
      if (options?.evict) note('create', ref, ref.namespace, { name: ref.name, subresource: 'eviction' });
      else one('delete', ref);
      return cluster.delete(ref, options);
    },
    observe: async (kind, filter, onChange, signal) => {
      try {
        note('list', kind, filter.namespace);
        note('watch', kind, filter.namespace);
        onChange(await cluster.list(kind, filter));
      } catch {
        // It never rejects; what is refused is not seen.
      }
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
    can: (verb, kind, namespace) => cluster.can(verb, kind, namespace),
    podProxy: async (namespace, pod, port, path) => {
      note('get', KINDS.pod, namespace, { subresource: 'proxy', name: pod });
      return cluster.podProxy(namespace, pod, port, path);
    },
    proxyAdmin: (where, signal) => {
      const admin = cluster.proxyAdmin(where, signal);
      return {
        get: async (path) => {
          for (const verb of ['get', 'create']) {
            note(verb, KINDS.pod, where.namespace, { subresource: 'portforward', name: where.pod });
          }
          return admin.get(path);
        },
      };
    },
    exec: async (where, command) => {
      for (const verb of ['get', 'create']) {
        note(verb, KINDS.pod, where.namespace, { subresource: 'exec', name: where.pod });
      }
      return cluster.exec(where, command);
    },
    identity: async () => {
      note('get', KINDS.namespace, 'kube-system', { name: 'kube-system' });
      return cluster.identity();
    },
  };
}
