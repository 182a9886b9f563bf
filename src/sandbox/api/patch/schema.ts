import type { Resource } from '../resource.ts';

/** How strategic merge patch merges a part of an object. */
export type MergeRule = {
  readonly fields?: Readonly<Record<string, MergeRule>>;
  /** Rule of the items of a list. */
  readonly items?: MergeRule;
  /** Field that identifies the items of a list (`patchMergeKey`). */
  readonly mergeKey?: string;
  /** A list of scalars merged as a set. */
  readonly set?: boolean;
};

function keyed(mergeKey: string, items: MergeRule = {}): MergeRule {
  return { mergeKey, items };
}

const SET: MergeRule = { set: true };
const CONDITIONS = keyed('type');

const METADATA: MergeRule = { fields: { finalizers: SET, ownerReferences: keyed('uid') } };

const CONTAINER: MergeRule = {
  fields: {
    env: keyed('name'),
    ports: keyed('containerPort'),
    volumeMounts: keyed('mountPath'),
    volumeDevices: keyed('devicePath'),
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
    topologySpreadConstraints: keyed('topologyKey'),
  },
};

const TEMPLATE: MergeRule = { fields: { metadata: METADATA, spec: POD_SPEC } };
const WITH_CONDITIONS: MergeRule = { fields: { conditions: CONDITIONS } };

const WORKLOAD: MergeRule = {
  fields: { spec: { fields: { template: TEMPLATE } }, status: WITH_CONDITIONS },
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
      spec: { fields: { ports: keyed('port') } },
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
  PodDisruptionBudget: { fields: { status: WITH_CONDITIONS } },
  HorizontalPodAutoscaler: { fields: { status: WITH_CONDITIONS } },
};

/**
 * The merge rules of a kind, after the `patchMergeKey` tags in k8s.io/api. What is not named here has the
 * default: maps are merged field by field, lists are replaced as a whole.
 */
export function mergeRules(resource: Resource): MergeRule {
  return { fields: { metadata: METADATA, ...BY_KIND[resource.kind]?.fields } };
}
