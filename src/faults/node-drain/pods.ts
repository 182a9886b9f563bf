import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { DEAD_MAN_LABEL, KINDS, type KubeObject, LOAD_LABEL } from '../../model/kubernetes.ts';
import { isAlive, type Pod, readPod } from '../../workload/pods.ts';
import type { DrainBlock } from './block.ts';

/** Why a drain leaves a pod where it is; undefined where it does not. */
function whyLeft({ owners, labels }: Pod, { metadata }: KubeObject): string | undefined {
  if (owners.some((owner) => owner.startsWith('DaemonSet/'))) return 'of a DaemonSet';
  if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return "a kubelet's own";
  if (labels[LOAD_LABEL] !== undefined) return 'it sends the load';
  return labels[DEAD_MAN_LABEL] === undefined ? undefined : 'it is a dead-man';
}

/** Who goes from some nodes, and who stays, with the reason. */
export type OnNodes = { readonly go: readonly Pod[]; readonly stay: readonly string[] };

/** Looks who is on these nodes. Throws FAULT_REFUSED for pods that would lose something nobody has given up by name. */
export async function podsOn(
  nodes: ReadonlySet<string>,
  block: Pick<DrainBlock, 'namespaces' | 'localStorage' | 'bare'>,
  zones: ReadonlyMap<string, string>,
  { cluster }: FaultContext,
  where: string,
): Promise<OnNodes> {
  const lists = await Promise.all(
    [...new Set(block.namespaces)].map((namespace) => cluster.list(KINDS.pod, { namespace })),
  );
  const all = lists
    .flat()
    .map((object) => ({ object, pod: readPod(object, zones), why: whyLeft(readPod(object, zones), object) }))
    .filter(({ pod }) => nodes.has(pod.node) && isAlive(pod))
    .sort(({ pod: a }, { pod: b }) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const go = all.filter(({ why }) => why === undefined);
  refuseLoss(go, block, where);
  const stay = all.flatMap(({ pod, why }) => (why === undefined ? [] : [`${keyOf(pod)} (${why})`]));
  return { go: go.map(({ pod }) => pod), stay };
}

const keyOf = ({ namespace, name }: Pod): string => `${namespace}/${name}`;
const workloadKey = ({ namespace, workload }: Pod): string => `${namespace}/${workload}`;

function refuseLoss(
  go: readonly { readonly pod: Pod }[],
  { localStorage = [], bare = [] }: Pick<DrainBlock, 'localStorage' | 'bare'>,
  where: string,
): void {
  const keeping = go.filter(({ pod }) => pod.localVolumes.length > 0);
  const alone = go.filter(({ pod }) => pod.owners.length === 0);
  const ghost = [
    ...localStorage.filter((name) => !keeping.some(({ pod }) => workloadKey(pod) === name)),
    ...bare.filter((name) => !alone.some(({ pod }) => keyOf(pod) === name)),
  ];
  if (ghost.length > 0) {
    const what = `${where} gives up what is not there: ${ghost.join(', ')}`;
    const hint =
      'localStorage names workloads with an emptyDir or an ephemeral volume and bare names pods without a controller, both on these nodes.';
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint });
  }
  const lost = [
    ...keeping
      .filter(({ pod }) => !localStorage.includes(workloadKey(pod)))
      .map(({ pod }) => ({
        what: `${keyOf(pod)} keeps data in ${pod.localVolumes.join(', ')}`,
        by: `localStorage: [${workloadKey(pod)}]`,
      })),
    ...alone
      .filter(({ pod }) => !bare.includes(keyOf(pod)))
      .map(({ pod }) => ({
        what: `${keyOf(pod)} has no controller and would be gone for good`,
        by: `bare: [${keyOf(pod)}]`,
      })),
  ];
  if (lost.length === 0) return;
  const hint = `If that is meant: ${[...new Set(lost.map(({ by }) => by))].join(', ')}`;
  throw new FaultlineError('FAULT_REFUSED', `${where}: ${lost.map(({ what }) => what).join('; ')}`, { hint });
}
