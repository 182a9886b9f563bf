import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Parsed } from '../model/errors.ts';
import type { GatewayAddress, LoadCluster, Target, TargetCluster } from '../model/target.ts';
import { parseGatewayAddress } from './gateway-address.ts';
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
    namespaces: spec.namespaces,
    observe: { namespaces: spec.namespaces, ...spec.observe },
    clusters: spec.clusters.map((cluster) => toCluster(cluster, folder)),
    ...(spec.loadCluster === undefined ? {} : { loadCluster: toLoadCluster(spec.loadCluster, folder) }),
  };
}

function toLoadCluster(written: NonNullable<TargetsDocument['spec']['loadCluster']>, folder: string): LoadCluster {
  const { uid, ...rest } = written;
  return { ...rest, kubeconfig: kubeconfigPath(rest.kubeconfig, folder), ...(uid === undefined ? {} : { uid }) };
}

function kubeconfigPath(written: string, folder: string): string {
  return written.startsWith('~/') ? resolve(homedir(), written.slice(2)) : resolve(folder, written);
}

function toCluster(cluster: TargetsDocument['spec']['clusters'][number], folder: string): TargetCluster {
  const { name, region, kubeconfig, context, uid, gateways } = cluster;
  return {
    name,
    region,
    kubeconfig: kubeconfigPath(kubeconfig, folder),
    context,
    ...(uid === undefined ? {} : { uid }),
    gateways: gateways.map(({ zone, address, service }) => ({ zone, address: toAddress(address, service) })),
  };
}

type Gateway = TargetsDocument['spec']['clusters'][number]['gateways'][number];

function toAddress(address: Gateway['address'], service: Gateway['service']): GatewayAddress {
  const url = address === undefined ? undefined : parseGatewayAddress(address);
  if (url !== undefined) return url;
  if (service === undefined) throw new TypeError('a gateway without address and service passed the checks');
  return { kind: 'service', ...service };
}
