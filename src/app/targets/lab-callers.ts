import { readWorkload } from '../../faults/image-swap/workload.ts';
import { until } from '../../lab/up/until.ts';
import { type JsonPatchOp, KINDS, type KubeObject, type ObjectRef } from '../../model/kubernetes.ts';
import type { Clock, Cluster } from '../../model/ports.ts';
import type { ObservedScope } from '../../model/target.ts';
import { ejectorsNow } from '../../observe/ejected-now.ts';

/** What `kubectl rollout restart` writes. */
const RESTARTED_AT = 'kubectl.kubernetes.io~1restartedAt';
const LIMIT_MS = 120_000;

/**
 * Starts the Deployments anew whose pods keep hosts ejected that an earlier drill had silenced, as callers do for minutes: a new proxy
 * knows nothing of it. Resolves to their names, each with its cluster, when their pods are ready. Rejects with LAB where they are not in time.
 */
export async function restartEjectors(cluster: Cluster, scope: ObservedScope, clock: Clock): Promise<string[]> {
  const ejectors = await ejectorsNow(cluster, scope, clock);
  const pods = await Promise.all(
    ejectors.map(({ namespace, pod }) => cluster.get({ ...KINDS.pod, namespace, name: pod })),
  );
  const refs = pods.flatMap((pod) => (pod === undefined ? [] : deploymentOf(pod)));
  const unique = [...new Map(refs.map((ref) => [`${ref.namespace}/${ref.name}`, ref])).values()];
  await Promise.all(unique.map((ref) => restart(cluster, ref, clock)));
  const waiting = { clock, signal: new AbortController().signal };
  for (const ref of unique) {
    const check = async () => {
      const found = await cluster.get(ref);
      return found === undefined || readWorkload(found).rolledOut || 'its new pods are not ready';
    };
    await until({ what: `${cluster.name}: ${ref.name} is started anew`, limitMs: LIMIT_MS, check }, waiting);
  }
  return unique.map(({ name }) => `${name} (${cluster.name})`);
}

/** A Deployment names its ReplicaSets by itself and the hash of their template. */
function deploymentOf({ metadata }: KubeObject): ObjectRef[] {
  const hash = metadata.labels?.['pod-template-hash'];
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'ReplicaSet')?.name;
  if (hash === undefined || owner === undefined || !owner.endsWith(`-${hash}`)) return [];
  const name = owner.slice(0, -hash.length - 1);
  return [{ ...KINDS.deployment, name, ...(metadata.namespace !== undefined && { namespace: metadata.namespace }) }];
}

async function restart(cluster: Cluster, ref: ObjectRef, clock: Clock): Promise<void> {
  const found = await cluster.get(ref);
  const { template } = (found?.spec ?? {}) as { template?: { metadata?: { annotations?: object } } };
  const path = '/spec/template/metadata/annotations';
  const first: JsonPatchOp[] = template?.metadata?.annotations === undefined ? [{ op: 'add', path, value: {} }] : [];
  const mark: JsonPatchOp = { op: 'add', path: `${path}/${RESTARTED_AT}`, value: clock.wall().toISOString() };
  if (found !== undefined) await cluster.patch(ref, [...first, mark]);
}
