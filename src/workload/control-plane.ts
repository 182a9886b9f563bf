import { KINDS } from '../model/kubernetes.ts';

/** Pods of Istio's control plane where it is by default; a managed one is nowhere to be seen. */
export const CONTROL_PLANE = { namespace: 'istio-system', labelSelector: 'app=istiod' };

/** Its namespace, which in a cluster of another one's istiod tells whose. */
export const CONTROL_PLANE_NAMESPACE = {
  ...KINDS.namespace,
  namespace: CONTROL_PLANE.namespace,
  name: CONTROL_PLANE.namespace,
};

/**
 * Annotation of that namespace: which clusters' istiods it lets write to this one, by ids of Istio, which may be others than the
 * names of contexts and of a targets file; `*` for any (Istio, install/multicluster/primary-remote).
 */
export const CONTROLLED_BY = 'topology.istio.io/controlPlaneClusters';
