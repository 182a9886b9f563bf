import type { Resource, Subresource } from './resource.ts';

type Row = readonly [
  group: string,
  version: string,
  kind: string,
  plural: string,
  shortNames: string,
  flags: string,
  subresources?: readonly Subresource[],
];

const POD: readonly Subresource[] = [
  ...(['status', 'log', 'eviction', 'binding', 'proxy', 'exec', 'portforward', 'ephemeralcontainers'] as const),
];
const SCALABLE: readonly Subresource[] = ['status', 'scale'];

/** Flags: N namespaced, G counts generations, A in the category `all`, otherwise a dash. */
const ROWS: readonly Row[] = [
  ['', 'v1', 'Namespace', 'namespaces', 'ns', '-', ['status', 'finalize']],
  ['', 'v1', 'Node', 'nodes', 'no', '-', ['status']],
  ['', 'v1', 'Pod', 'pods', 'po', 'NGA', POD],
  ['', 'v1', 'Service', 'services', 'svc', 'NA', ['status']],
  ['', 'v1', 'Endpoints', 'endpoints', 'ep', 'N'],
  ['', 'v1', 'ConfigMap', 'configmaps', 'cm', 'N'],
  ['', 'v1', 'Secret', 'secrets', '', 'N'],
  ['', 'v1', 'ServiceAccount', 'serviceaccounts', 'sa', 'N'],
  ['', 'v1', 'Event', 'events', 'ev', 'N'],
  ['apps', 'v1', 'Deployment', 'deployments', 'deploy', 'NGA', SCALABLE],
  ['apps', 'v1', 'ReplicaSet', 'replicasets', 'rs', 'NGA', SCALABLE],
  ['apps', 'v1', 'StatefulSet', 'statefulsets', 'sts', 'NGA', SCALABLE],
  ['apps', 'v1', 'DaemonSet', 'daemonsets', 'ds', 'NGA', ['status']],
  ['batch', 'v1', 'Job', 'jobs', '', 'NGA', ['status']],
  ['discovery.k8s.io', 'v1', 'EndpointSlice', 'endpointslices', '', 'NG'],
  ['networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies', 'netpol', 'NG'],
  ['policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets', 'pdb', 'NG', ['status']],
  ['autoscaling', 'v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'hpa', 'NA', ['status']],
  ['coordination.k8s.io', 'v1', 'Lease', 'leases', '', 'N'],
  ['events.k8s.io', 'v1', 'Event', 'events', 'ev', 'N'],
  ['apiextensions.k8s.io', 'v1', 'CustomResourceDefinition', 'customresourcedefinitions', 'crd,crds', 'G', ['status']],
];

function toResource([group, version, kind, plural, shortNames, flags, subresources]: Row): Resource {
  return {
    group,
    versions: [version],
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames: shortNames === '' ? [] : shortNames.split(','),
    categories: flags.includes('A') ? ['all'] : kind === 'CustomResourceDefinition' ? ['api-extensions'] : [],
    namespaced: flags.includes('N'),
    subresources: subresources ?? [],
    generation: flags.includes('G'),
    custom: false,
  };
}

/** The built-in kinds the sandbox serves. */
export const BUILTIN_RESOURCES: readonly Resource[] = ROWS.map(toResource);
