import { alteredCluster } from '../faults/altered-cluster.ts';
import { isFenceWrite } from '../faults/fence.ts';
import { type ErrorCode, FaultlineError, messageOf } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';

/** Keeps in mind what is asked of clusters, for people who wait. */
export type RequestTrace = {
  /** The same cluster, whose requests it hears of. */
  readonly follow: (cluster: Cluster) => Cluster;
  /** Whether anything was written and answered. */
  readonly hasDone: () => boolean;
  /** Whether there is a request without an answer, the last one got none, or none was made. */
  readonly isUnanswered: () => boolean;
  /** What was written and answered, and what is waited for, in words; empty before the first request. */
  readonly soFar: () => string;
  /** Hears of an error that a whole try of the work has ended with. */
  readonly failed: (error: unknown) => void;
  /** The last error that was met, in its own words; undefined where each request that was refused was answered later. */
  readonly lastError: () => string | undefined;
};

type Named = { readonly kind: string; readonly namespace?: string; readonly name?: string };

const nameOf = ({ kind, namespace = '', name = '' }: Named): string =>
  [kind, [namespace, name].filter(Boolean).join('/')].filter(Boolean).join(' ');

/** Follows the requests of one piece of work. */
export function requestTrace(): RequestTrace {
  const written = new Set<string>();
  const open = new Set<{ readonly text: string }>();
  const errors = new Map<string, string>();
  let last: string | undefined;
  let isAnswered = false;
  const failed = (error: unknown, text = '') => {
    errors.delete(text);
    errors.set(text, messageOf(error));
  };
  const note = async <T>(text: string, isKept: boolean, act: () => Promise<T>): Promise<T> => {
    const request = { text };
    open.add(request);
    last = text;
    try {
      const answer = await act();
      if (isKept) written.add(text);
      errors.delete(text);
      isAnswered = true;
      return answer;
    } catch (error) {
      isAnswered = !isOf(error, 'TARGET_UNREACHABLE');
      if (isOf(error, 'KIND_NOT_SERVED')) errors.delete(text);
      else failed(error, text);
      throw error;
    } finally {
      open.delete(request);
    }
  };
  const soFar = (): string => {
    if (last === undefined) return '';
    const unanswered = [...new Set([...open].map(({ text }) => text))];
    const waits = unanswered.length === 0 ? `looked at last: ${last}` : `no answer to: ${unanswered.join(', ')}`;
    if (written.size === 0) return `nothing was written; ${waits}`;
    const seen = waits.includes(`: list ${KINDS.pod.kind}`) ? 'in the pods' : 'to be over';
    return `done: ${[...written].join(', ')}; not seen ${seen}; ${waits}`;
  };
  return {
    follow: (cluster) => followed(cluster, note),
    hasDone: () => written.size > 0,
    isUnanswered: () => open.size > 0 || !isAnswered,
    soFar,
    failed: (error) => failed(error),
    lastError: () => [...errors.values()].at(-1),
  };
}

const isOf = (error: unknown, code: ErrorCode): boolean => error instanceof FaultlineError && error.code === code;

type Note = <T>(text: string, isKept: boolean, act: () => Promise<T>) => Promise<T>;

function followed(cluster: Cluster, note: Note): Cluster {
  return alteredCluster(cluster, {
    get: (ref) => note(`get ${nameOf(ref)}`, false, () => cluster.get(ref)),
    list: (kind, filter) =>
      note(`list ${nameOf({ kind: kind.kind, ...filter })}`, false, () => cluster.list(kind, filter)),
    create: (object, options) =>
      note(`create ${nameOf({ kind: object.kind, ...object.metadata })}`, options?.dryRun !== true, () =>
        cluster.create(object, options),
      ),
    patch: (ref, ops, options) =>
      note(`patch ${nameOf(ref)}`, options?.dryRun !== true && !isFenceWrite(ops), () =>
        cluster.patch(ref, ops, options),
      ),
    delete: (ref, options) => note(`delete ${nameOf(ref)}`, true, () => cluster.delete(ref, options)),
    exec: (where, command) =>
      note(`exec in Pod ${where.namespace}/${where.pod}`, true, () => cluster.exec(where, command)),
    podProxy: (namespace, pod, port, path) =>
      note(`get ${path} of Pod ${namespace}/${pod}`, false, () => cluster.podProxy(namespace, pod, port, path)),
    proxyAdmin: (where, signal) => {
      const admin = cluster.proxyAdmin(where, signal);
      const what = `of the proxy in Pod ${where.namespace}/${where.pod}`;
      return { get: (path) => note(`get ${path} ${what}`, false, () => admin.get(path)) };
    },
  });
}
