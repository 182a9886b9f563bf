import { alteredCluster } from '../faults/altered-cluster.ts';
import { isFenceWrite } from '../faults/fence.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';

/** Keeps in mind what is asked of clusters, for people who wait. */
export type RequestTrace = {
  /** The same cluster, whose requests it hears of. */
  readonly follow: (cluster: Cluster) => Cluster;
  /** Whether anything was written and answered. */
  readonly hasDone: () => boolean;
  /** Whether there is a request without an answer, or none was made. */
  readonly isUnanswered: () => boolean;
  /** What was written and answered, and what is waited for, in words; empty before the first request. */
  readonly soFar: () => string;
};

type Named = { readonly kind: string; readonly namespace?: string; readonly name?: string };

const nameOf = ({ kind, namespace = '', name = '' }: Named): string =>
  [kind, [namespace, name].filter(Boolean).join('/')].filter(Boolean).join(' ');

/** Follows the requests of one piece of work. */
export function requestTrace(): RequestTrace {
  const written = new Set<string>();
  const open = new Set<{ readonly text: string }>();
  let last: string | undefined;
  const note = async <T>(text: string, isKept: boolean, act: () => Promise<T>): Promise<T> => {
    const request = { text };
    open.add(request);
    last = text;
    try {
      const answer = await act();
      if (isKept) written.add(text);
      return answer;
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
  const isUnanswered = () => open.size > 0 || last === undefined;
  return { hasDone: () => written.size > 0, isUnanswered, soFar, follow: (cluster) => followed(cluster, note) };
}

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
  });
}
