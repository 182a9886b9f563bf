import { type ErrorCode, FaultlineError } from '../model/errors.ts';
import type { JsonPatchOp, ObjectRef } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { Micros } from '../model/units.ts';
import { alteredCluster } from './altered-cluster.ts';

/** A write whose answer was lost: it may have been done, and it may be done yet. */
export type LostWrite = {
  readonly verb: 'create' | 'patch' | 'delete';
  readonly ref: ObjectRef & { readonly subresource?: string };
  /** The version of the object that the write tests, where it does: it is not done on any other. */
  readonly version: string | undefined;
  /** UIDs of those objects that it may be meant for, where they are known: it is done on no other. */
  readonly uids?: readonly string[];
  /** When it was sent. */
  readonly at: Micros;
};

/**
 * A cluster that keeps in mind which of the writes that go through it were lost, the latest of each kind and object, and the UIDs of what was
 * created.
 */
type WatchedCluster = {
  readonly cluster: Cluster;
  readonly lost: () => readonly LostWrite[];
  readonly created: ReadonlySet<string>;
};

/** Watches the writes of one fault. */
export function watchWrites(cluster: Cluster, now: () => Micros): WatchedCluster {
  const lost = new Map<string, LostWrite>();
  const created = new Set<string>();
  const watch = async <T>(write: Omit<LostWrite, 'at'>, act: () => Promise<T>): Promise<T> => {
    const at = now();
    try {
      return await act();
    } catch (error) {
      const { kind, namespace, name, subresource } = write.ref;
      if (!isRefused(error)) lost.set([write.verb, kind, namespace, name, subresource].join(' '), { ...write, at });
      throw error;
    }
  };
  return {
    lost: () => [...lost.values()],
    created,
    cluster: alteredCluster(cluster, {
      create: async (object, options) => {
        const { apiVersion, kind, metadata } = object;
        const { namespace = '', name = '' } = metadata;
        const ref = { apiVersion, kind, namespace, name };
        const write = { verb: 'create', ref, version: undefined } as const;
        // What is only tried stores nothing, whenever that is done.
        if (options?.dryRun === true) return cluster.create(object, options);
        const stored = await watch(write, () => cluster.create(object, options));
        if (stored.metadata.uid !== undefined) created.add(stored.metadata.uid);
        return stored;
      },
      patch: (ref, ops, options) => {
        if (options?.dryRun === true) return cluster.patch(ref, ops, options);
        const version = tested(ops, '/metadata/resourceVersion');
        const uid = tested(ops, '/metadata/uid');
        const write = { verb: 'patch', ref, version, ...(uid === undefined ? {} : { uids: [uid] }) } as const;
        return watch(write, () => cluster.patch(ref, ops, options));
      },
      delete: (ref, options) => watch({ verb: 'delete', ref, version: undefined }, () => cluster.delete(ref, options)),
    }),
  };
}

/** What a patch wants to find at this path. */
function tested(ops: readonly JsonPatchOp[], path: string): string | undefined {
  const test = ops.find((one) => one.op === 'test' && one.path === path);
  return test !== undefined && 'value' in test ? String(test.value) : undefined;
}

/** Those of the second line are our own: such a write has not been sent at all. */
const REFUSALS: readonly ErrorCode[] = [
  ...(['FAULT_CONFLICT', 'PERMISSION_DENIED'] as const),
  ...(['LEASE_LOST', 'FROZEN', 'FAULT_REFUSED', 'TARGET_MISMATCH'] as const),
];

/**
 * Whether an error says that the write was not done and will not be: the API server itself has turned it away. Anything
 * else, 5xx and answers that cannot be read included, leaves it open: a server may give up on a write that it still does.
 */
function isRefused(error: unknown): boolean {
  if (!(error instanceof FaultlineError)) return false;
  if (REFUSALS.includes(error.code)) return true;
  const { status = 0 } = error as { readonly status?: number };
  return status >= 400 && status < 500 && status !== REQUEST_TIMEOUT;
}

/** What proxies answer when they have waited too long for a request or its answer. */
const REQUEST_TIMEOUT = 408;
