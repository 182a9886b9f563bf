import type { Json } from './scenario.ts';

/** The part of Kubernetes ObjectMeta that faultline reads or writes. */
type ObjectMeta = {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
};

export type OwnerReference = {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
};

/** Any Kubernetes object; `spec`, `status` and the rest are read with care. */
export type KubeObject = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: Json | ObjectMeta | undefined;
};

/** A kind of object by its coordinates in the API. */
export type KubeKind = { readonly apiVersion: string; readonly kind: string };

export type ObjectRef = KubeKind & { readonly namespace?: string; readonly name: string };

/** A pod by its place. */
export type PodRef = { readonly namespace: string; readonly pod: string };

/** A container of a pod by its place. */
export type ContainerRef = PodRef & { readonly container: string };

/** RFC 6902. */
export type JsonPatchOp =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string };

export const KINDS = {
  deployment: { apiVersion: 'apps/v1', kind: 'Deployment' },
  replicaSet: { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  statefulSet: { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  daemonSet: { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  /** Of Argo Rollouts, a custom resource: no strategic merge patch. */
  rollout: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' },
  lease: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
  pod: { apiVersion: 'v1', kind: 'Pod' },
  node: { apiVersion: 'v1', kind: 'Node' },
  namespace: { apiVersion: 'v1', kind: 'Namespace' },
  service: { apiVersion: 'v1', kind: 'Service' },
  secret: { apiVersion: 'v1', kind: 'Secret' },
  configMap: { apiVersion: 'v1', kind: 'ConfigMap' },
  job: { apiVersion: 'batch/v1', kind: 'Job' },
  endpointSlice: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  testRun: { apiVersion: 'k6.io/v1alpha1', kind: 'TestRun' },
  event: { apiVersion: 'v1', kind: 'Event' },
  virtualService: { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' },
  serviceEntry: { apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry' },
  workloadEntry: { apiVersion: 'networking.istio.io/v1', kind: 'WorkloadEntry' },
  envoyFilter: { apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter' },
  horizontalPodAutoscaler: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
  podDisruptionBudget: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  networkPolicy: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
} as const satisfies Record<string, KubeKind>;

/** What of Istio decides who answers a call, kind by kind. */
export const MESH_KINDS = {
  destinationRules: { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule' },
  envoyFilters: KINDS.envoyFilter,
  virtualServices: KINDS.virtualService,
  gateways: { apiVersion: 'networking.istio.io/v1', kind: 'Gateway' },
  sidecars: { apiVersion: 'networking.istio.io/v1', kind: 'Sidecar' },
} as const satisfies Record<string, KubeKind>;

/** Reason of an Event by which a cluster tells that it takes an object, and that nothing acts on it or on a part of it. */
export const NOT_ACTED_ON = 'NotActedOn';
/** Label on every object of ours, and on every object of others that we label. The value is the run id. */
export const RUN_LABEL = 'faultline.dev/run';
/** Label on everything that sends load for a run, in its place: it is no part of a fault and goes with the load. */
export const LOAD_LABEL = 'faultline.dev/load';
/** Label on the Job and the pod that put a run's faults back when its runner dies: they go with the run's plans. */
export const DEAD_MAN_LABEL = 'faultline.dev/dead-man';
/** Label by which the owner of a namespace, or of a workload on its pods, lets drills touch it. */
export const ENABLED_LABEL = 'faultline.dev/enabled';
/**
 * Label by which an undo moves the version of an object for a moment, so that a late write fails its test. The value is the run id. No
 * controller copies labels of an object to what it makes, as that of Deployments does with annotations.
 */
export const FENCE_LABEL = 'faultline.dev/fence';
/** Annotation on every object of others that we change: what to put back, as JSON. */
export const UNDO_ANNOTATION = 'faultline.dev/undo';
/** Annotation on every object that a fault changes or creates: its plan, as far as its undo needs it, as JSON. */
export const PLAN_ANNOTATION = 'faultline.dev/plan';
/** As whom this program writes, to every API server (metadata.managedFields). */
export const FIELD_MANAGER = 'faultline';
/** Annotation on every object of others that we change: who owned the fields that we have taken, as JSON, where the API server tells. */
export const OWNERS_ANNOTATION = 'faultline.dev/owners';
/** Node and pod topology labels (Kubernetes well-known labels). */
export const ZONE_LABEL = 'topology.kubernetes.io/zone';
export const REGION_LABEL = 'topology.kubernetes.io/region';
/** Network of a pod (Istio: label.TopologyNetwork). */
export const NETWORK_LABEL = 'topology.istio.io/network';
