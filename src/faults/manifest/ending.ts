import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { heldText } from '../../model/leaving.ts';
import type { Cluster } from '../../model/ports.ts';
import type { Json } from '../../model/scenario.ts';
import type { Millis } from '../../model/units.ts';
import { readPod } from '../../workload/pods.ts';

/** What a pod gets that does not say how long it may take to end (Kubernetes: terminationGracePeriodSeconds). */
const DEFAULT_GRACE_SECONDS = 30;
/** So many pods are named. */
const NAMED = 3;
/** Kubernetes' own, of a deletion that waits for what the object owns. */
const FOREGROUND = 'foregroundDeletion';

/** The longest that pods may take to end that an object describes anywhere, as it was written; 0 where it describes none. */
export function longestGrace(written: Json): Millis {
  if (written === null || typeof written !== 'object') return 0;
  const { containers, terminationGracePeriodSeconds: said } = written as { readonly [field: string]: Json };
  const own = typeof said === 'number' ? said : DEFAULT_GRACE_SECONDS;
  const within = Object.values(written).map(longestGrace);
  return Math.max(Array.isArray(containers) ? own * 1000 : 0, ...within);
}

/** What is waited for of an object that is deleted and still there: its controller, or what it owns. */
export async function endingText(object: KubeObject, cluster: Cluster): Promise<string> {
  const { kind, metadata } = object;
  const { namespace = '', name, finalizers = [] } = metadata;
  if (finalizers.some((one) => one !== FOREGROUND)) {
    return `${heldText(object) ?? 'is being deleted'}: its controller has not taken the fault back`;
  }
  if (kind === KINDS.pod.kind) return 'is still ending';
  if (finalizers.length === 0) return 'is being deleted, and is still there';
  // Only for words: a dead-man may not list them.
  const pods = await cluster.list(KINDS.pod, { namespace }).catch((): KubeObject[] => []);
  const own = pods.map((pod) => readPod(pod, new Map())).filter(({ owners }) => owners.includes(`${kind}/${name}`));
  if (own.length === 0) return "is deleted, and what it owns is still ending (Kubernetes' garbage collector)";
  const named = own.slice(0, NAMED).map((pod) => pod.name);
  const rest = own.length > NAMED ? ` and ${own.length - NAMED} more` : '';
  const many = own.length === 1 ? '1 pod of it is' : `${own.length} pods of it are`;
  return `is deleted, and ${many} still ending: ${named.join(', ')}${rest}`;
}
