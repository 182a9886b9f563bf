import { SERVICE_LABEL } from '../../model/endpoint-slice.ts';
import { type KubeObject, NETWORK_LABEL, REGION_LABEL, ZONE_LABEL } from '../../model/kubernetes.ts';
import { object, objects, strings, text } from '../config-read.ts';
import type { Locality } from '../locality.ts';
import { CLUSTER_LABEL } from '../networks.ts';

/** Who stands behind a Service, as an EndpointSlice has it. */
type SliceEndpoint = {
  readonly addresses: readonly string[];
  /** Name of the pod; empty where it is none. */
  readonly pod: string;
  readonly node: string;
  readonly ready: boolean;
};

type Slice = {
  /** `namespace/name` */
  readonly service: string;
  /** Of the pods, by the name of the Service's port. */
  readonly ports: Readonly<Record<string, number>>;
  readonly endpoints: readonly SliceEndpoint[];
};

/** What istiod takes from an EndpointSlice: those that are not ready are there as such, terminating ones are left out. */
export function readSlice(slice: KubeObject): Slice {
  const { namespace, labels = {} } = slice.metadata;
  const ports = objects(slice.ports).map((port) => [text(port.name) ?? '', Number(port.port)] as const);
  const endpoints = objects(slice.endpoints).flatMap(({ addresses, conditions, targetRef, nodeName }) => {
    const { ready: isReady, terminating } = object(conditions);
    const ready = isReady !== false;
    if (!ready && terminating === true) return [];
    const { kind, name } = object(targetRef);
    const pod = kind === 'Pod' ? (text(name) ?? '') : '';
    return [{ addresses: strings(addresses), pod, node: text(nodeName) ?? '', ready }];
  });
  const service = `${namespace}/${labels[SERVICE_LABEL]}`;
  return { service, ports: Object.fromEntries(ports), endpoints };
}

/** Labels that istiod adds to every endpoint and to every calling proxy, so that failoverPriority can name them (Istio: AugmentLabels). */
export function localityLabels(
  { region, zone, subzone }: Locality,
  cluster: string,
  network: string,
): Record<string, string> {
  return {
    ...named(NETWORK_LABEL, network),
    ...named(REGION_LABEL, region),
    ...named(ZONE_LABEL, zone),
    ...named('topology.istio.io/subzone', subzone),
    [CLUSTER_LABEL]: cluster,
  };
}

function named(label: string, value: string): Record<string, string> {
  return value === '' ? {} : { [label]: value };
}
