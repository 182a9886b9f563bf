import { messageOf } from '../../model/errors.ts';
import { gitopsOwner } from '../../model/gitops.ts';
import type { TouchedObject } from '../../model/history.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { OpenCluster } from '../wiring.ts';
import { type Guard, kubectlFor, type Ruling } from './guard.ts';

const WORKLOADS = [KINDS.deployment, KINDS.statefulSet, KINDS.daemonSet, KINDS.rollout];
/**
 * Nothing that GitOps owns is changed: it takes the fault back while it is judged, or writes over what is put back.
 */
export const gitops: Guard = {
  name: 'gitops',
  isLive: true,
  check: async ({ inputs, faults }) => {
    const changed = faults.flatMap(({ open, plan }) => plan.objects.map((object) => ({ open, object })));
    const looked = changed.map(({ open, object }) => look(open, object, inputs.scenario.allow?.gitops ?? []));
    return (await Promise.all(looked)).flat();
  },
};

async function look(open: OpenCluster, touched: TouchedObject, allowed: readonly string[]): Promise<readonly Ruling[]> {
  const kind = WORKLOADS.find((one) => one.kind === touched.kind);
  if (kind === undefined) return [];
  const { namespace, name } = touched;
  const what = `cluster ${open.cluster.name}: ${kind.kind} ${namespace}/${name}`;
  try {
    const object = await open.cluster.get({ ...kind, namespace, name });
    const owner = object === undefined ? undefined : gitopsOwner(object);
    if (owner === undefined) return [];
    const detail = `${what} is owned by GitOps (${owner})`;
    if (allowed.includes(`${namespace}/${name}`)) {
      return [{ refused: false, detail: `${detail}, as spec.allow.gitops says` }];
    }
    const get = `-n ${namespace} get ${kind.kind.toLowerCase()} ${name} -o yaml --show-managed-fields`;
    const hint = `Pause its synchronization for the run, then: spec.allow.gitops: ["${namespace}/${name}"] (${kubectlFor(open, get)})`;
    return [{ refused: true, detail, hint }];
  } catch (error) {
    return [{ refused: true, detail: `${what} cannot be read: ${messageOf(error)}` }];
  }
}
