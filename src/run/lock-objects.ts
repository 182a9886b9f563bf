import type { Permission } from '../model/fault.ts';
import { inContext } from '../model/kubectl.ts';
import { KINDS, type ObjectRef } from '../model/kubernetes.ts';
import { LOCK_NAMES } from '../model/lock-names.ts';
import type { Cluster } from '../model/ports.ts';

/** The lock of a cluster. */
export function leaseRef(namespace: string): ObjectRef & { readonly namespace: string } {
  return { ...KINDS.lease, namespace, name: LOCK_NAMES.lease };
}

/** The plans of the run that has, or may have, faults in a cluster. */
export function plansRef(namespace: string): ObjectRef & { readonly namespace: string } {
  return { ...KINDS.configMap, namespace, name: LOCK_NAMES.plans };
}

/** Whoever creates it stops every drill in a cluster, and keeps others from beginning. */
export function freezeRef(namespace: string): ObjectRef & { readonly namespace: string } {
  return { ...KINDS.configMap, namespace, name: LOCK_NAMES.freeze };
}

/** The cluster that a command is for. */
type Where = Pick<Cluster, 'kubectl'>;

/** What a person types to stop drills in a cluster. */
export function freezeCommand(namespace: string, where: Where): string {
  return inContext(`kubectl -n ${namespace} create configmap ${LOCK_NAMES.freeze} --from-literal=reason=WHY`, where);
}

/** What a person types to take a cluster from a run or recovery that is known to be dead. */
export function deleteLeaseCommand(namespace: string, where: Where): string {
  return inContext(`kubectl -n ${namespace} delete lease ${LOCK_NAMES.lease} --wait=false`, where);
}

/** What a person types to let drills into a cluster again. */
export function thawCommand(namespace: string, where: Where): string {
  return inContext(`kubectl -n ${namespace} delete configmap ${LOCK_NAMES.freeze} --wait=false`, where);
}

/** What holding a cluster needs, in every cluster of a target. Creating cannot be granted by name. */
export function leasePermissions(namespace: string): Permission[] {
  return [
    { ...leaseRef(namespace), verb: 'get' },
    { ...KINDS.lease, namespace, verb: 'create' },
    { ...leaseRef(namespace), verb: 'patch' },
    { ...freezeRef(namespace), verb: 'get' },
    { ...plansRef(namespace), verb: 'get' },
  ];
}

/** What keeping the plans needs, in a cluster with faults. */
export function plansPermissions(namespace: string): Permission[] {
  return [
    { ...KINDS.configMap, namespace, verb: 'create' },
    { ...plansRef(namespace), verb: 'patch' },
    { ...plansRef(namespace), verb: 'delete' },
  ];
}
