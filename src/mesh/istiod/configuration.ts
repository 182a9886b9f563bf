import { parseDocument } from 'yaml';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Random } from '../../model/ports.ts';
import type { MeshConfig } from '../cluster-config.ts';
import { type JsonObject, object, strings, text } from '../config-read.ts';
import { istioDefaults } from '../istio-version.ts';
import { defaultRetryPolicy } from '../retry.ts';
import { type RouteTable, readRetries } from '../route-config.ts';
import type { RouteCaller } from '../route-match.ts';
import type { ServicePort } from './service-port.ts';

/** Where mesh-wide configuration lives by default. */
export const ROOT_NAMESPACE = 'istio-system';

/** Where Istio's installation keeps MeshConfig. */
export const MESH_CONFIG = { ...KINDS.configMap, namespace: ROOT_NAMESPACE, name: 'istio' } as const;

/** Quiet time before a push, and the longest wait (istiod: PILOT_DEBOUNCE_AFTER, PILOT_DEBOUNCE_MAX). */
export const PUSH_DEBOUNCE = { quietMs: 100, longestMs: 10_000 } as const;

/** What an istiod reads of its own cluster only, whichever clusters it serves (Istio: primary-remote). */
export type Configuration = Required<MeshConfig> & {
  readonly virtualServices: readonly KubeObject[];
  readonly gateways: readonly KubeObject[];
  readonly sidecars: readonly KubeObject[];
};

/** MeshConfig as its ConfigMap has it; empty where that is absent or no YAML. */
export function readMeshConfig(map: KubeObject | undefined): JsonObject {
  const document = parseDocument(text(object(map?.data).mesh) ?? '');
  return document.errors.length > 0 ? {} : object(document.toJS());
}

/** The routes of one proxy, in a cluster with these Services. */
export function routesFor(
  { virtualServices, mesh, istio }: Pick<Configuration, 'virtualServices' | 'mesh' | 'istio'>,
  services: readonly Pick<ServicePort, 'host' | 'port'>[],
  caller: RouteCaller,
  random: Random,
): RouteTable {
  const retry = defaultRetryPolicy(istioDefaults(istio).retries503 ? '<=1.23' : '>=1.24');
  const own = mesh.defaultHttpRetryPolicy;
  const byHost = Map.groupBy(services, ({ host }) => host);
  return {
    virtualServices,
    caller,
    random,
    defaultRetry: own === undefined ? retry : readRetries(object(own), retry),
    exportTo: strings(mesh.defaultVirtualServiceExportTo),
    ports: new Map([...byHost].map(([host, all]) => [host, all.map(({ port }) => port)])),
  };
}
