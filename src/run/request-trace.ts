import { alteredCluster } from '../faults/altered-cluster.ts';
import { isFenceWrite } from '../faults/fence.ts';
import type { Cluster } from '../model/ports.ts';

/** A cluster that keeps in mind what is asked of it, for people who wait. */
type RequestTrace = {
  readonly cluster: Cluster;
  /** What was written and answered, and what is waited for, in words; empty before the first request. */
  readonly soFar: () => string;
};

type Named = { readonly kind: string; readonly namespace?: string; readonly name?: string };

const nameOf = ({ kind, namespace = '', name = '' }: Named): string =>
  [kind, [namespace, name].filter(Boolean).join('/')].filter(Boolean).join(' ');

/** Follows the requests of one piece of work. */
export function traceRequests(cluster: Cluster): RequestTrace {
  const written = new Set<string>();
  const open = new Set<{ readonly text: string }>();
  let last: string | undefined;
  const follow = async <T>(text: string, isKept: boolean, act: () => Promise<T>): Promise<T> => {
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
    const done = written.size === 0 ? 'nothing was written' : `done: ${[...written].join(', ')}`;
    const unanswered = [...new Set([...open].map(({ text }) => text))];
    const waits = unanswered.length === 0 ? `looked at last: ${last}` : `no answer to: ${unanswered.join(', ')}`;
    return `${done}; ${written.size === 0 ? '' : 'not seen to be over; '}${waits}`;
  };
  return {
    soFar,
    cluster: alteredCluster(cluster, {
      get: (ref) => follow(`get ${nameOf(ref)}`, false, () => cluster.get(ref)),
      list: (kind, filter) =>
        follow(`list ${nameOf({ kind: kind.kind, ...filter })}`, false, () => cluster.list(kind, filter)),
      create: (object, options) =>
        follow(`create ${nameOf({ kind: object.kind, ...object.metadata })}`, options?.dryRun !== true, () =>
          cluster.create(object, options),
        ),
      patch: (ref, ops, options) =>
        follow(`patch ${nameOf(ref)}`, options?.dryRun !== true && !isFenceWrite(ops), () =>
          cluster.patch(ref, ops, options),
        ),
      delete: (ref, options) => follow(`delete ${nameOf(ref)}`, true, () => cluster.delete(ref, options)),
      exec: (where, command) =>
        follow(`exec in Pod ${where.namespace}/${where.pod}`, true, () => cluster.exec(where, command)),
    }),
  };
}
