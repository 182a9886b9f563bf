import { KINDS, type KubeObject, RUN_LABEL, UNDO_ANNOTATION } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';

/** One object that still carries a run's mark. */
export type Leftover = { readonly runId: string; readonly ref: string; readonly command: string };

/** Kinds that faults create or mark, with their kubectl names. */
const MARKED = [
  { kind: KINDS.deployment, plural: 'deployment', ours: false },
  { kind: KINDS.pod, plural: 'pod', ours: false },
  { kind: KINDS.networkPolicy, plural: 'networkpolicy', ours: true },
  { kind: KINDS.job, plural: 'job', ours: true },
  { kind: KINDS.configMap, plural: 'configmap', ours: true },
] as const;

/** Lists what carries the mark of a run (or of any run) in the namespaces that faults may touch. */
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
  return (await Promise.all(searches)).flat();
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
