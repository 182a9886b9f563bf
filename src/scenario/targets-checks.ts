import { isSystemNamespace } from '../model/system-namespaces.ts';
import type { Draft } from '../schema/draft.ts';
import { checkBlackouts } from './blackout-checks.ts';
import { reportDuplicates, spanAt } from './checks.ts';
import { parseGatewayAddress } from './gateway-address.ts';
import { quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import { reportSystemNamespace } from './system-namespaces.ts';
import type { TargetsDocument } from './targets-schema.ts';
import { checkTls } from './tls-checks.ts';
import type { TreeNode } from './yaml-tree.ts';

type Spec = NonNullable<Draft<TargetsDocument>['spec']>;
type Cluster = NonNullable<NonNullable<Spec['clusters']>[number]>;

const CLUSTERS = ['spec', 'clusters'];

/** Checks what one field says against another. Reads a draft, so fields with problems of their own are left out. */
export function checkTargets(draft: Draft<TargetsDocument>, root: TreeNode, problems: Problems): void {
  const { spec } = draft;
  if (spec === undefined) return;
  checkNamespaces(spec, root, problems);
  checkObserved(spec, root, problems);
  checkClusters(spec, root, problems);
  checkConfiguredBy(spec, root, problems);
  checkGateways(spec, root, problems);
  checkZones(spec, root, problems);
  checkLoadCluster(spec, root, problems);
  checkPrometheus(spec, root, problems);
  checkBlackouts(spec, root, problems);
  for (const [index, one] of (spec.clusters ?? []).entries()) {
    if (one !== undefined) checkTls(one, [...CLUSTERS, index], root, problems);
  }
}

function checkNamespaces(spec: Spec, root: TreeNode, problems: Problems): void {
  const namespaces = (spec.namespaces ?? []).map((key, index) => ({
    key,
    at: spanAt(root, ['spec', 'namespaces', index]),
  }));
  reportDuplicates(namespaces, 'the namespace', problems);
  for (const { key, at } of namespaces) {
    if (key !== undefined) reportSystemNamespace(key, at, problems);
  }
}

function checkObserved({ observe }: Spec, root: TreeNode, problems: Problems): void {
  const at = ['spec', 'observe'];
  const namespaces = (observe?.namespaces ?? []).map((key, index) => ({
    key,
    at: spanAt(root, [...at, 'namespaces', index]),
  }));
  reportDuplicates(namespaces, 'the namespace', problems);
}

function checkClusters(spec: Spec, root: TreeNode, problems: Problems): void {
  const clusters = spec.clusters ?? [];
  const names = clusters.map((cluster, index) => ({
    key: cluster?.name,
    at: spanAt(root, [...CLUSTERS, index, 'name']),
  }));
  reportDuplicates(names, 'the cluster', problems);
  const contexts = clusters.map((cluster, index) => ({
    key: contextKey(cluster),
    at: spanAt(root, [...CLUSTERS, index, 'context']),
  }));
  reportDuplicates(contexts, 'the cluster of', problems);
  const uids = clusters.map((cluster, index) => ({
    key: cluster?.uid?.toLowerCase(),
    at: spanAt(root, [...CLUSTERS, index, 'uid']),
  }));
  reportDuplicates(uids, 'the cluster of uid', problems);
}

function contextKey(cluster: Cluster | undefined): string | undefined {
  const { kubeconfig, context } = cluster ?? {};
  return kubeconfig === undefined || context === undefined ? undefined : `${kubeconfig} ${context}`;
}

/** Istio knows no chains: an istiod reads the configuration of its own cluster. */
function checkConfiguredBy({ clusters = [] }: Spec, root: TreeNode, problems: Problems): void {
  for (const [index, cluster] of clusters.entries()) {
    const { name, configuredBy } = cluster ?? {};
    if (configuredBy === undefined) continue;
    const at = spanAt(root, [...CLUSTERS, index, 'configuredBy']);
    const other = clusters.find((one) => one?.name === configuredBy);
    if (configuredBy === name) {
      const hint = 'leave configuredBy out: each cluster is configured by its own istiod unless it says otherwise';
      error(problems, 'FIELD_VALUE', at, `cluster ${quoted(configuredBy)} cannot be configured by itself`, hint);
    } else if (other === undefined) {
      const names = clusters.flatMap((one) => (one?.name === undefined || one.name === name ? [] : [one.name]));
      const hint = names.length === 0 ? undefined : `it may be ${names.map(quoted).join(' or ')}`;
      error(problems, 'NAME_UNKNOWN', at, `there is no cluster ${quoted(configuredBy)} in this file`, hint);
    } else if (other.configuredBy !== undefined) {
      const what = `cluster ${quoted(configuredBy)} is configured by ${quoted(other.configuredBy)}, and cannot configure another`;
      error(problems, 'FIELD_VALUE', at, what, 'name the cluster whose istiod serves both');
    }
  }
}

function checkGateways(spec: Spec, root: TreeNode, problems: Problems): void {
  const addresses: { key: string; at: ReturnType<typeof spanAt> }[] = [];
  for (const [index, cluster] of (spec.clusters ?? []).entries()) {
    const gateways = cluster?.gateways ?? [];
    const base = [...CLUSTERS, index, 'gateways'];
    const zones = gateways.map((gateway, zone) => ({ key: gateway?.zone, at: spanAt(root, [...base, zone, 'zone']) }));
    reportDuplicates(zones, 'the gateway of zone', problems);
    for (const [zone, gateway] of gateways.entries()) {
      if (gateway?.address === undefined) continue;
      const at = spanAt(root, [...base, zone, 'address']);
      const url = parseGatewayAddress(gateway.address);
      if (url !== undefined) addresses.push({ key: `${url.host} port ${url.port}`, at });
      else error(problems, 'FIELD_VALUE', at, `${quoted(gateway.address)} has a host or port that cannot be`);
    }
  }
  reportDuplicates(addresses, 'the address', problems);
}

/** A zone lies in one region, whichever cluster has a gateway there. */
function checkZones(spec: Spec, root: TreeNode, problems: Problems): void {
  const regions = new Map<string, string>();
  for (const [index, cluster] of (spec.clusters ?? []).entries()) {
    for (const [position, gateway] of (cluster?.gateways ?? []).entries()) {
      const { zone } = gateway ?? {};
      if (zone === undefined || cluster?.region === undefined) continue;
      const region = regions.get(zone) ?? cluster.region;
      regions.set(zone, region);
      if (region === cluster.region) continue;
      const at = spanAt(root, [...CLUSTERS, index, 'gateways', position, 'zone']);
      const message = `the zone ${quoted(zone)} lies in ${quoted(region)} by another cluster, and in ${quoted(cluster.region)} by this one`;
      error(problems, 'FIELD_VALUE', at, message);
    }
  }
}

function checkLoadCluster({ loadCluster }: Spec, root: TreeNode, problems: Problems): void {
  const { namespace } = loadCluster ?? {};
  if (namespace === undefined || !isSystemNamespace(namespace)) return;
  const at = spanAt(root, ['spec', 'loadCluster', 'namespace']);
  error(problems, 'FIELD_VALUE', at, `load never runs in ${quoted(namespace)}`, 'make a namespace of its own for it');
}

/** A token in clear is anybody's who listens on the way. */
function checkPrometheus({ prometheus }: Spec, root: TreeNode, problems: Problems): void {
  const { url, token, ca } = prometheus ?? {};
  if (url === undefined) return;
  const at = (field: string) => spanAt(root, ['spec', 'prometheus', field]);
  if (!URL.canParse(url)) {
    error(problems, 'FIELD_VALUE', at('url'), 'url has a host or port that cannot be');
    return;
  }
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') return;
  if (ca !== undefined) error(problems, 'FIELD_VALUE', at('ca'), 'this address is spoken to without TLS', HTTPS);
  if (token === undefined || LOOPBACK.test(hostname)) return;
  error(problems, 'FIELD_VALUE', at('token'), 'the token would be sent in clear to another machine', HTTPS);
}

const HTTPS = 'write the address as `https://…`';
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
