import { messageOf } from '../../model/errors.ts';
import type { TouchedObject } from '../../model/history.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { OpenCluster } from '../wiring.ts';
import { type Guard, kubectlFor, type Ruling } from './guard.ts';

const WORKLOADS = [KINDS.deployment, KINDS.statefulSet, KINDS.daemonSet, KINDS.rollout];
/** What Argo CD and Flux write on the objects that they own. */
const MARKS = /^(argocd\.argoproj\.io|kustomize\.toolkit\.fluxcd\.io|helm\.toolkit\.fluxcd\.io|fluxcd\.io)\//;
/** As whom they write (metadata.managedFields). */
const MANAGERS = /^(argocd|kustomize-controller|helm-controller|fleet|flux)/;

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
    const owner = object === undefined ? undefined : ownerOf(object);
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

function ownerOf({ metadata }: KubeObject): string | undefined {
  const mark = Object.keys({ ...metadata.labels, ...metadata.annotations }).find((key) => MARKS.test(key));
  if (mark !== undefined) return mark;
  const managers = (metadata as { readonly managedFields?: readonly { readonly manager?: string }[] }).managedFields;
  return managers?.find(({ manager = '' }) => MANAGERS.test(manager))?.manager;
}
