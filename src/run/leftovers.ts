import { FAULT_KINDS, marksOf, permissionsIn } from '../faults/index.ts';
import type { FaultKind, Mark, Permission, PermissionRule } from '../model/fault.ts';
import { KINDS, type KubeObject, RUN_LABEL, UNDO_ANNOTATION } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';

/** One object that still carries a run's mark. */
export type Leftover = { readonly runId: string; readonly ref: string; readonly command: string };

/** The journal in the cluster carries the mark of every run. */
const JOURNAL: Mark = { kind: KINDS.configMap, resource: 'configmap', ours: true };

/** What every label of ours begins with. */
const OURS = 'faultline.dev/';

/**
 * Lists what carries the mark of a run (or of any run) in the namespaces that faults may touch: journals, and what faults
 * of these kinds mark.
 */
export async function findLeftovers(
  cluster: Cluster,
  namespaces: readonly string[],
  runId?: string,
  kinds: readonly FaultKind[] = FAULT_KINDS,
): Promise<Leftover[]> {
  const labelSelector = runId === undefined ? RUN_LABEL : `${RUN_LABEL}=${runId}`;
  const searches = namespaces.flatMap((namespace) =>
    [...marksOf(kinds), JOURNAL].map(async ({ kind, resource, ours }) => {
      const objects = await cluster.list(kind, { namespace, labelSelector });
      return objects
        .filter((object) => object.metadata.deletionTimestamp === undefined)
        .map((object) => {
          const at = `${resource}/${object.metadata.name ?? ''}`;
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
  const labels = Object.keys(object.metadata.labels ?? {}).filter((key) => key.startsWith(OURS));
  const unmark = `${kubectl} label ${at} ${labels.map((key) => `${key}-`).join(' ')}`;
  const undo = object.metadata.annotations?.[UNDO_ANNOTATION];
  if (undo === undefined) return unmark;
  const patch = `'${undo.replaceAll("'", "'\\''")}'`;
  return `${kubectl} patch ${at} -p ${patch} && ${unmark} && ${kubectl} annotate ${at} ${UNDO_ANNOTATION}-`;
}

/** What the search for leftovers of these kinds asks of the API. */
export function leftoverPermissions(namespaces: readonly string[], kinds: readonly FaultKind[]): Permission[] {
  const rules = [...marksOf(kinds), JOURNAL].map(
    ({ kind }): PermissionRule => ({ kind, verbs: ['list'], scope: 'namespace' }),
  );
  return permissionsIn(rules, namespaces);
}
