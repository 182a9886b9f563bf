import type { Resource } from '../resource.ts';

/** How a part of an object is merged: by strategic merge patch, and by server-side apply. */
export type MergeRule = {
  readonly fields?: Readonly<Record<string, MergeRule>>;
  /** Rule of the items of a list. */
  readonly items?: MergeRule;
  /** Field that identifies the items of a list in strategic merge patch (`patchMergeKey`). */
  readonly mergeKey?: string;
  /** Fields that identify the items of a list in server-side apply (`x-kubernetes-list-map-keys`). */
  readonly mapKeys?: readonly string[];
  /** A list of scalars merged as a set. */
  readonly set?: boolean;
  /** A map that server-side apply owns as a whole. */
  readonly atomic?: boolean;
};

function keyed(mergeKey: string, items: MergeRule = {}, mapKeys: readonly string[] = [mergeKey]): MergeRule {
  return { mergeKey, mapKeys, items };
}

const ATOMIC: MergeRule = { atomic: true };
const SET: MergeRule = { set: true };
const CONDITIONS = keyed('type');
const PORT_KEYS = ['containerPort', 'protocol'];

const METADATA: MergeRule = { fields: { finalizers: SET, ownerReferences: keyed('uid') } };

const ENV = keyed('name', {
  fields: {
    valueFrom: {
      fields: { fieldRef: ATOMIC, configMapKeyRef: ATOMIC, secretKeyRef: ATOMIC, resourceFieldRef: ATOMIC },
    },
  },
});

const CONTAINER: MergeRule = {
  fields: {
    env: ENV,
    ports: keyed('containerPort', {}, PORT_KEYS),
    volumeMounts: keyed('mountPath'),
    volumeDevices: keyed('devicePath'),
    resources: { fields: { claims: { mapKeys: ['name'] } } },
  },
};

const POD_SPEC: MergeRule = {
  fields: {
    containers: keyed('name', CONTAINER),
    initContainers: keyed('name', CONTAINER),
    ephemeralContainers: keyed('name', CONTAINER),
    volumes: keyed('name'),
    imagePullSecrets: keyed('name'),
    hostAliases: keyed('ip'),
    schedulingGates: keyed('name'),
    resourceClaims: keyed('name'),
    topologySpreadConstraints: keyed('topologyKey', { fields: { labelSelector: ATOMIC } }, [
      'topologyKey',
      'whenUnsatisfiable',
    ]),
    nodeSelector: ATOMIC,
  },
};

const TEMPLATE: MergeRule = { fields: { metadata: METADATA, spec: POD_SPEC } };
const WITH_CONDITIONS: MergeRule = { fields: { conditions: CONDITIONS } };

const WORKLOAD: MergeRule = {
  fields: { spec: { fields: { selector: ATOMIC, template: TEMPLATE } }, status: WITH_CONDITIONS },
};

const BY_KIND: Readonly<Record<string, MergeRule>> = {
  Pod: {
    fields: {
      spec: POD_SPEC,
      status: { fields: { conditions: CONDITIONS, podIPs: keyed('ip'), hostIPs: { mergeKey: 'ip' } } },
    },
  },
  Deployment: WORKLOAD,
  ReplicaSet: WORKLOAD,
  StatefulSet: WORKLOAD,
  DaemonSet: WORKLOAD,
  Job: WORKLOAD,
  Service: {
    fields: {
      spec: { fields: { ports: keyed('port', {}, ['port', 'protocol']), selector: ATOMIC } },
      status: WITH_CONDITIONS,
    },
  },
  Node: {
    fields: {
      spec: { fields: { taints: { mergeKey: 'key' }, podCIDRs: SET } },
      status: { fields: { conditions: CONDITIONS, addresses: keyed('type') } },
    },
  },
  Namespace: { fields: { status: WITH_CONDITIONS } },
  ServiceAccount: { fields: { secrets: keyed('name') } },
  NetworkPolicy: { fields: { spec: { fields: { podSelector: ATOMIC } } } },
  PodDisruptionBudget: { fields: { spec: { fields: { selector: ATOMIC } }, status: WITH_CONDITIONS } },
  HorizontalPodAutoscaler: { fields: { spec: { fields: { scaleTargetRef: ATOMIC } }, status: WITH_CONDITIONS } },
};

/**
 * The merge rules of a kind, after the `patchMergeKey` and `listMapKey` tags in k8s.io/api. What is not named here has the
 * default: maps are merged field by field, lists are replaced as a whole.
 */
export function mergeRules(resource: Resource): MergeRule {
  return { fields: { metadata: METADATA, ...BY_KIND[resource.kind]?.fields } };
}
