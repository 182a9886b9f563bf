import type { KubeObject } from './kubernetes.ts';

/** What Argo CD and Flux write on the objects that they own. */
const MARKS = /^(argocd\.argoproj\.io|kustomize\.toolkit\.fluxcd\.io|helm\.toolkit\.fluxcd\.io|fluxcd\.io)\//;
/** As whom they write (metadata.managedFields). */
const MANAGERS = /^(argocd|kustomize-controller|helm-controller|fleet|flux)/;

/** What tells that GitOps owns an object: a label, an annotation, or the name of who writes its fields. Undefined where nothing does. */
export function gitopsOwner({ metadata }: KubeObject): string | undefined {
  const mark = Object.keys({ ...metadata.labels, ...metadata.annotations }).find((key) => MARKS.test(key));
  if (mark !== undefined) return mark;
  const managers = (metadata as { readonly managedFields?: readonly { readonly manager?: string }[] }).managedFields;
  return managers?.find(({ manager = '' }) => MANAGERS.test(manager))?.manager;
}
