import { CREATED, type TouchedObject } from '../../model/history.ts';
import type { ObjectRef } from '../../model/kubernetes.ts';

/** The objects that a fault will create, as its plan names them. */
export function createdObjects(cluster: string, refs: readonly (ObjectRef & { namespace: string })[]): TouchedObject[] {
  return refs.map(({ kind, namespace, name }) => ({
    cluster,
    kind,
    namespace,
    name,
    change: CREATED,
    before: 'absent',
    during: 'present',
    state: 'unknown',
  }));
}

/** How a fault that a Job owns ends if the runner dies for good. */
export function ownedDeadMan(kind: string, seconds: number): string {
  return (
    `A Job with activeDeadlineSeconds ${seconds} owns the ${kind}: when the time is over, Kubernetes deletes both, with no ` +
    'runner.'
  );
}
