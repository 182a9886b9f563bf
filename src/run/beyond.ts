import { FaultlineError, messageOf } from '../model/errors.ts';
import type { FaultKind, Mark } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { type Leftover, leftoversIn, type Place } from './leftovers.ts';

/** What a search has found beyond what a run needed to be allowed, and what it could not read. */
export type Beyond = {
  readonly leftovers: readonly Leftover[];
  /** Undefined where it has read all. */
  readonly unread: Unread | undefined;
};

export type Unread = {
  /** Kinds of objects, as kubectl names them. */
  readonly kinds: readonly string[];
  /** What the API answered, by kind; nothing of one that it does not allow to list. */
  readonly answers: Readonly<Record<string, string>>;
  /** Namespaces in which they were not looked for; undefined where nobody may tell which there are. */
  readonly namespaces: readonly string[] | undefined;
};

/**
 * Looks for marks in every other namespace of a cluster, as far as the API allows: what an earlier run has left there, by another targets
 * file, is left all the same. It is only named: what a targets file does not list is not touched. Never rejects.
 */
export async function searchBeyond(
  cluster: Cluster,
  { namespaces, kinds }: { readonly namespaces: readonly string[]; readonly kinds: readonly FaultKind[] },
  runId: string | undefined,
): Promise<Beyond> {
  const marks = kinds.flatMap((kind) => kind.marks).filter(({ scope }) => scope !== 'cluster');
  const groups = [...Map.groupBy(marks, ({ resource }) => resource)];
  const found = await Promise.all(
    groups.map(async ([resource, [first, ...more]]) => {
      const looked: Looked = first === undefined ? { left: [] } : await look(cluster, [first, ...more], runId);
      return { resource, ...looked };
    }),
  );
  const isBeyond = ({ ref }: Leftover) => !namespaces.includes(ref.split('/')[0] ?? '');
  const leftovers = found.flatMap(({ left = [] }) => left.filter(isBeyond));
  const unread = found.flatMap(({ resource, left }) => (left === undefined ? [resource] : [])).sort();
  const answers = Object.fromEntries(found.flatMap(({ resource, answer }) => (answer ? [[resource, answer]] : [])));
  const others = unread.length === 0 ? [] : await otherNamespaces(cluster, namespaces);
  return { leftovers, unread: others?.length === 0 ? undefined : { kinds: unread, answers, namespaces: others } };
}

/** `left` is absent where it could not be looked for; so is `answer`, where that is not allowed. */
type Looked = { readonly left?: readonly Leftover[]; readonly answer?: string };

async function look(cluster: Cluster, marks: readonly [Mark, ...Mark[]], runId: string | undefined): Promise<Looked> {
  try {
    const left = await lookIn(cluster, {}, marks, runId);
    return left === undefined ? {} : { left };
  } catch (error) {
    return { answer: messageOf(error) };
  }
}

/** What is left of one kind of object in a place; undefined where the API does not allow to look. Nothing is of a kind that the cluster does not know. */
export async function lookIn(
  cluster: Cluster,
  place: Place,
  marks: readonly [Mark, ...Mark[]],
  runId: string | undefined,
): Promise<readonly Leftover[] | undefined> {
  try {
    if (!(await cluster.can('list', marks[0].kind, place.namespace ?? ''))) return undefined;
    return await leftoversIn(cluster, place, marks, runId);
  } catch (error) {
    if (error instanceof FaultlineError && error.code === 'KIND_NOT_SERVED') return [];
    throw error;
  }
}

/** Where which kinds of objects were not looked for, and why; for each reason. `anywhere`: where nobody may tell which namespaces there are. */
export function unreadTexts({ kinds, answers, namespaces }: Unread, anywhere: string): string[] {
  const where = namespaces?.join(', ') ?? anywhere;
  const whyOf = (kind: string): string => {
    const answer = answers[kind];
    return answer === undefined ? 'the API does not allow to list them there' : `they could not be listed: ${answer}`;
  };
  return [...Map.groupBy(kinds, whyOf)].map(([why, those]) => `${where}, for ${those.join(', ')}: ${why}`);
}

async function otherNamespaces(cluster: Cluster, known: readonly string[]): Promise<string[] | undefined> {
  try {
    if (!(await cluster.can('list', KINDS.namespace, ''))) return undefined;
    const found = await cluster.list(KINDS.namespace, {});
    return found.flatMap(({ metadata: { name = '' } }) => (known.includes(name) ? [] : [name])).sort();
  } catch {
    return undefined;
  }
}
