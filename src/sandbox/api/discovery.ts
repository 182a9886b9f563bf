import type { Json } from '../../model/scenario.ts';
import type { Resource } from './resource.ts';
import { apiVersionOf } from './resources.ts';
import { REVIEWS, type ReviewKind } from './review-kinds.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

type Entry = { readonly resource: Resource; readonly version: string };

/** What an API server serves. */
type Served = readonly Resource[];

/** Groups in the order a real server lists them; the core group is empty. */
function groupsOf(served: Served): string[] {
  return [...new Set([...served.map((one) => one.group), ...REVIEWS.map((one) => one.group)])];
}

function versionsOf(group: string, served: Served): string[] {
  const resources = served.filter((one) => one.group === group).flatMap((one) => one.versions);
  return [...new Set([...resources, ...REVIEWS.filter((one) => one.group === group).map((one) => one.version)])];
}

function entriesOf(group: string, version: string, served: Served): Entry[] {
  const own = served.filter((one) => one.group === group && one.versions.includes(version));
  return own.map((resource) => ({ resource, version }));
}

function reviewsOf(group: string, version: string): readonly ReviewKind[] {
  return REVIEWS.filter((one) => one.group === group && one.version === version);
}

/** `/api` */
export function apiVersions(address: string): Json {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  };
}

function groupDocument(group: string, served: Served): { [key: string]: Json } {
  const versions = versionsOf(group, served).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] ?? null };
}

/** `/apis` */
export function apiGroupList(served: Served): Json {
  const groups = groupsOf(served).filter((group) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((group) => groupDocument(group, served)) };
}

/** `/apis/GROUP` */
export function apiGroup(group: string, served: Served): Json | undefined {
  return group !== '' && groupsOf(served).includes(group)
    ? { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(group, served) }
    : undefined;
}

/** `/api/v1` and `/apis/GROUP/VERSION` */
export function apiResourceList(apiVersion: string, served: Served): Json | undefined {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  if (!versionsOf(group, served).includes(version)) return undefined;
  const resources = entriesOf(group, version, served).flatMap(({ resource }) => [
    plainResource(resource),
    ...resource.subresources.flatMap((name) => subresource(resource, name)),
  ]);
  const reviews = reviewsOf(group, version).map((review) => ({
    name: review.plural,
    singularName: review.kind.toLowerCase(),
    namespaced: review.namespaced,
    kind: review.kind,
    verbs: ['create'],
  }));
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources: [...resources, ...reviews] };
}

function plainResource(resource: Resource): { [key: string]: Json } {
  return {
    name: resource.plural,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: VERBS,
    ...(resource.shortNames.length > 0 ? { shortNames: [...resource.shortNames] } : {}),
    ...(resource.categories.length > 0 ? { categories: [...resource.categories] } : {}),
  };
}

type SubresourceKind = {
  readonly kind?: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: string[];
};

const SUBRESOURCES: Readonly<Record<string, SubresourceKind>> = {
  status: { verbs: ['get', 'patch', 'update'] },
  scale: { kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] },
  log: { verbs: ['get'] },
  eviction: { kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
  binding: { kind: 'Binding', verbs: ['create'] },
  proxy: { kind: 'PodProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
  finalize: { verbs: ['update'] },
  exec: { kind: 'PodExecOptions', verbs: ['create', 'get'] },
  portforward: { kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
  ephemeralcontainers: { verbs: ['get', 'patch', 'update'] },
};

function subresource(resource: Resource, name: string): { [key: string]: Json }[] {
  const entry = SUBRESOURCES[name];
  if (entry === undefined) return [];
  const { kind = resource.kind, group, version, verbs } = entry;
  return [
    {
      name: `${resource.plural}/${name}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...(group === undefined ? {} : { group }),
      ...(version === undefined ? {} : { version }),
      kind,
      verbs,
    },
  ];
}

/** Aggregated discovery (`APIGroupDiscoveryList`, apidiscovery.k8s.io/v2): everything below `/api` or `/apis` in one answer. */
export function aggregatedDiscovery(root: '/api' | '/apis', served: Served): Json {
  const groups = groupsOf(served).filter((group) => (group === '') === (root === '/api'));
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map((group) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versionsOf(group, served).map((version) => ({
        version,
        resources: [
          ...entriesOf(group, version, served).map(discoveredResource),
          ...reviewsOf(group, version).map((review) => discoveredReview(review)),
        ],
        freshness: 'Current',
      })),
    })),
  };
}

function discoveredReview(review: ReviewKind): Json {
  return {
    resource: review.plural,
    responseKind: { group: review.group, version: review.version, kind: review.kind },
    scope: review.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: review.kind.toLowerCase(),
    verbs: ['create'],
  };
}

function discoveredResource({ resource, version }: Entry): Json {
  const responseKind = { group: resource.group, version, kind: resource.kind };
  return {
    resource: resource.plural,
    responseKind,
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: VERBS,
    ...(resource.shortNames.length > 0 ? { shortNames: [...resource.shortNames] } : {}),
    ...(resource.categories.length > 0 ? { categories: [...resource.categories] } : {}),
    ...(resource.subresources.length > 0
      ? { subresources: resource.subresources.map((name) => discoveredSubresource(responseKind, name)) }
      : {}),
  };
}

function discoveredSubresource(parent: { [key: string]: Json }, name: string): Json {
  const { kind, group, version, verbs } = SUBRESOURCES[name] ?? { verbs: [] };
  const own = kind === undefined ? parent : { group: group ?? '', version: version ?? 'v1', kind };
  return { subresource: name, responseKind: own, verbs };
}

/** Every served apiVersion, for the OpenAPI index. */
export function servedApiVersions(served: Served): string[] {
  return [...new Set(served.flatMap((one) => one.versions.map((version) => apiVersionOf(one, version))))];
}
