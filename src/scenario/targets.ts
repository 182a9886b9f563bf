import { dirname } from 'node:path';
import type { Parsed } from '../model/errors.ts';
import type {
  Blackout,
  GatewayAddress,
  LoadCluster,
  PrometheusPlace,
  Target,
  TargetCluster,
  TargetGateway,
} from '../model/target.ts';
import { filePath } from './file-path.ts';
import { parseGatewayAddress } from './gateway-address.ts';
import { gatewayTls, pemSource, type TlsDocument } from './gateway-tls.ts';
import { parseFile } from './parse.ts';
import { checkTargets } from './targets-checks.ts';
import { type TargetsDocument, targetsDocument } from './targets-schema.ts';

/**
 * Reads a targets file, or reports every problem at once with line and column. Paths of kubeconfig files become
 * absolute: they are relative to the targets file, or to the home directory after `~/`. Never throws.
 */
export function parseTargets(text: string, file: string): Parsed<Target> {
  return parseFile(text, file, {
    kind: 'Targets',
    schema: targetsDocument,
    check: checkTargets,
    advise: () => {},
    finish: (document) => toTarget(document, dirname(file)),
  });
}

function toTarget({ metadata, spec }: TargetsDocument, folder: string): Target {
  return {
    name: metadata.name,
    annotations: metadata.annotations,
    namespaces: spec.namespaces,
    lockNamespace: spec.lockNamespace,
    observe: { namespaces: spec.namespaces, ...spec.observe },
    clusters: spec.clusters.map((cluster, index) => toCluster(cluster, index, folder)),
    ...(spec.deadMan === undefined ? {} : { deadMan: spec.deadMan }),
    ...(spec.prometheus === undefined ? {} : { prometheus: toPrometheus(spec.prometheus, folder) }),
    ...(spec.webhooks === undefined ? {} : { webhooks: spec.webhooks }),
    ...(spec.never === undefined ? {} : { never: spec.never.map(toBlackout) }),
    ...(spec.loadCluster === undefined ? {} : { loadCluster: toLoadCluster(spec.loadCluster, folder) }),
  };
}

function toPrometheus(
  { url, ca, token }: NonNullable<TargetsDocument['spec']['prometheus']>,
  folder: string,
): PrometheusPlace {
  const at = ['spec', 'prometheus'];
  return {
    url: url.replace(/\/+$/, ''),
    ...(ca === undefined ? {} : { ca: pemSource(ca, [...at, 'ca'], folder) }),
    ...(token === undefined ? {} : { token: { env: token.env, written: [...at, 'token', 'env'] } }),
  };
}

function toLoadCluster(written: NonNullable<TargetsDocument['spec']['loadCluster']>, folder: string): LoadCluster {
  const { uid, ...rest } = written;
  return { ...rest, kubeconfig: filePath(rest.kubeconfig, folder), ...(uid === undefined ? {} : { uid }) };
}

function toBlackout(written: NonNullable<TargetsDocument['spec']['never']>[number]): Blackout {
  const { hours, ...rest } = written;
  return {
    ...rest,
    ...(hours === undefined ? {} : { hours: { from: minutesOf(hours.from), to: minutesOf(hours.to) } }),
  };
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

type Cluster = TargetsDocument['spec']['clusters'][number];

function toCluster(cluster: Cluster, index: number, folder: string): TargetCluster {
  const { name, region, network, configuredBy, kubeconfig, context, uid } = cluster;
  return {
    name,
    region,
    ...(network === undefined ? {} : { network }),
    ...(configuredBy === undefined ? {} : { configuredBy }),
    kubeconfig: filePath(kubeconfig, folder),
    context,
    ...(uid === undefined ? {} : { uid }),
    gateways: toGateways(cluster, index, folder),
  };
}

function toGateways({ gateways, tls }: Cluster, index: number, folder: string): TargetGateway[] {
  const base = ['spec', 'clusters', index];
  const ofCluster: TlsDocument = { tls, written: [...base, 'tls'] };
  return gateways.map((gateway, position) => {
    const address = toAddress(gateway.address, gateway.service);
    const own: TlsDocument = { tls: gateway.tls, written: [...base, 'gateways', position, 'tls'] };
    const merged = address.protocol === 'https' ? gatewayTls([own, ofCluster], folder) : undefined;
    return { zone: gateway.zone, address, ...(merged === undefined ? {} : { tls: merged }) };
  });
}

type Gateway = Cluster['gateways'][number];

function toAddress(address: Gateway['address'], service: Gateway['service']): GatewayAddress {
  const url = address === undefined ? undefined : parseGatewayAddress(address);
  if (url !== undefined) return url;
  if (service === undefined) throw new TypeError('a gateway without address and service passed the checks');
  return { kind: 'service', ...service };
}
