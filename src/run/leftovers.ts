import type { Permission } from '../model/fault.ts';
import { KINDS, type KubeObject, RUN_LABEL, UNDO_ANNOTATION } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { JOURNAL_REF, readClusterJournal } from './cluster-journal.ts';

/** One object that still carries a run's mark. */
export type Leftover = { readonly runId: string; readonly ref: string; readonly command: string };

/** Kinds that faults create or mark, with their kubectl names. */
const MARKED = [
  { kind: KINDS.deployment, plural: 'deployment', ours: false },
  { kind: KINDS.pod, plural: 'pod', ours: false },
  { kind: KINDS.networkPolicy, plural: 'networkpolicy', ours: true },
  { kind: KINDS.job, plural: 'job', ours: true },
] as const;

/** What the search needs beside reading the plans. */
export function leftoverNeeds(namespaces: readonly string[]): Permission[] {
  return namespaces.flatMap((namespace) =>
    MARKED.map(({ kind: { apiVersion, kind } }) => ({ apiVersion, kind, verb: 'list', namespace })),
  );
}

/**
 * What carries the mark of a run (or of any run) in the namespaces that faults may touch, and plans of such a run that
 * are still in the cluster.
 */
export async function findLeftovers(
  cluster: Cluster,
  namespaces: readonly string[],
  runId?: string,
): Promise<Leftover[]> {
  const labelSelector = runId === undefined ? RUN_LABEL : `${RUN_LABEL}=${runId}`;
  const searches = namespaces.flatMap((namespace) =>
    MARKED.map(async ({ kind, plural, ours }) => {
      const objects = await cluster.list(kind, { namespace, labelSelector });
      return objects
        .filter((object) => object.metadata.deletionTimestamp === undefined)
        .map((object) => {
          const at = `${plural}/${object.metadata.name ?? ''}`;
          const run = object.metadata.labels?.[RUN_LABEL] ?? '';
          return { runId: run, ref: `${namespace}/${at}`, command: commandFor(object, namespace, at, ours) };
        });
    }),
  );
  return [...(await Promise.all(searches)).flat(), ...(await leftPlans(cluster, runId))];
}

async function leftPlans(cluster: Cluster, runId: string | undefined): Promise<Leftover[]> {
  const journal = await readClusterJournal(cluster);
  if (journal === undefined || (runId !== undefined && runId !== journal.runId)) return [];
  const { namespace, name } = JOURNAL_REF;
  const command = `kubectl -n ${namespace} delete configmap/${name}`;
  return [{ runId: journal.runId, ref: `${namespace}/configmap/${name}`, command }];
}

/** What a person can type to finish: the undo annotation is a patch that `kubectl patch` takes as it is. */
function commandFor(object: KubeObject, namespace: string, at: string, ours: boolean): string {
  const kubectl = `kubectl -n ${namespace}`;
  if (ours) return `${kubectl} delete ${at}`;
  const unmark = `${kubectl} label ${at} ${RUN_LABEL}-`;
  const undo = object.metadata.annotations?.[UNDO_ANNOTATION];
  if (undo === undefined) return unmark;
  const patch = `'${undo.replaceAll("'", "'\\''")}'`;
  return `${kubectl} patch ${at} -p ${patch} && ${unmark} && ${kubectl} annotate ${at} ${UNDO_ANNOTATION}-`;
}
