import { KINDS, type KubeKind, type KubeObject } from '../../model/kubernetes.ts';
import { CLUSTERS } from './clusters.ts';
import { openLabCluster } from './running-lab.ts';

/** What a run may touch. */
const TOUCHED: readonly KubeKind[] = [
  KINDS.deployment,
  KINDS.configMap,
  KINDS.networkPolicy,
  KINDS.service,
  { apiVersion: 'batch/v1', kind: 'Job' },
];
const NAMESPACES = ['default', 'istio-system'];
/** Counts rollouts, those of an undo too. */
const REVISION = 'deployment.kubernetes.io/revision';
const RESTARTED = 'kubectl.kubernetes.io/restartedAt';
/** Who leads, renewed every few seconds. */
const LEADER = 'control-plane.alpha.kubernetes.io/leader';

/** All of that in the running lab, as text, by cluster, kind and name: labels, annotations, contents. */
export async function touchedObjects(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { name } of CLUSTERS) {
    const cluster = openLabCluster(name);
    for (const namespace of NAMESPACES) {
      for (const kind of TOUCHED) {
        for (const object of await cluster.list(kind, { namespace })) {
          found[`${name} ${kind.kind} ${namespace}/${object.metadata.name}`] = textOf(object);
        }
      }
    }
  }
  return found;
}

function textOf({ metadata, spec, ...others }: KubeObject): string {
  const { [REVISION]: _revision, [LEADER]: _leader, ...annotations } = metadata.annotations ?? {};
  const { data } = others as { data?: unknown };
  return JSON.stringify({ labels: metadata.labels, annotations, spec, data }, withoutRestart);
}

/** What `steady` leaves on a Deployment that it has started anew. */
function withoutRestart(key: string, value: unknown): unknown {
  if (key !== 'annotations' || typeof value !== 'object' || value === null) return value;
  const others = Object.entries(value).filter(([name]) => name !== RESTARTED);
  return others.length === 0 ? undefined : Object.fromEntries(others);
}
