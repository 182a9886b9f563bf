import type { KubeObject } from '../../model/kubernetes.ts';
import { hostOfService } from '../../model/service-host.ts';
import { object, objects, text } from '../config-read.ts';

/** One port of a Service as an istiod knows it. */
export type ServicePort = {
  /** The Service, as `namespace/name`. */
  readonly service: string;
  /** Its full name. */
  readonly host: string;
  readonly namespace: string;
  readonly port: number;
  /** Empty where it has none. */
  readonly name: string;
  /** `trafficDistribution`: callers stay close although nothing is ejected. */
  readonly staysClose: boolean;
  /** Without an address of its own, DNS answers with pods, and the mesh does not choose among them. */
  readonly headless: boolean;
  /** Spoken as bytes: no routes, no retries, and no status that could eject. */
  readonly tcp: boolean;
  /** Namespaces that know the Service; none named is all. */
  readonly exportTo: readonly string[];
};

/** Names of protocols that Istio does not take for HTTP (Istio: pkg/config/protocol). A port without a name is looked into. */
const BYTES = new Set(['tcp', 'tls', 'https', 'mongo', 'mysql', 'redis']);
/** The annotation of a Service that says which namespaces know it. */
export const EXPORT_TO = 'networking.istio.io/exportTo';

/** The ports of a Service, in its own order. */
export function portsOf(service: KubeObject): ServicePort[] {
  const { name = '', namespace = '', annotations = {} } = service.metadata;
  const { ports, trafficDistribution } = object(service.spec);
  const exported = (annotations[EXPORT_TO] ?? '').split(',').map((part) => part.trim());
  return objects(ports).map((port) => ({
    service: `${namespace}/${name}`,
    host: hostOfService(`${namespace}/${name}`),
    namespace,
    port: Number(port.port),
    name: text(port.name) ?? '',
    staysClose: isClose(trafficDistribution),
    headless: isHeadless(service),
    tcp: BYTES.has((text(port.appProtocol) || (text(port.name) ?? '').split('-')[0] || '').toLowerCase()),
    exportTo: exported.filter((part) => part !== ''),
  }));
}

/** Whether a Service has no address of its own. */
export function isHeadless({ spec }: KubeObject): boolean {
  return object(spec).clusterIP === 'None';
}

/** PreferClose is the older name of PreferSameZone (Kubernetes 1.34). */
function isClose(distribution: unknown): boolean {
  return distribution === 'PreferClose' || distribution === 'PreferSameZone';
}
