import { KINDS, RUN_LABEL } from '../model/kubernetes.ts';
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
          const act = ours ? `delete ${at}` : `label ${at} ${RUN_LABEL}-`;
          return { runId: run, ref: `${namespace}/${at}`, command: `kubectl -n ${namespace} ${act}` };
        });
    }),
  );
  return (await Promise.all(searches)).flat();
}
