import { type KubeObject, ZONE_LABEL } from '../../model/kubernetes.ts';
import { serviceSelects } from '../../model/label-selector.ts';
import { isEnded, nodeOf } from '../../model/pod-object.ts';
import { at, canonicalJson, type JsonMap, mapsOf, stringOf } from '../api/json.ts';
import { isReady } from './pods.ts';

/** The default of --max-endpoints-per-slice. */
const MAX_ENDPOINTS = 100;

export type SliceContent = { readonly endpoints: readonly JsonMap[]; readonly ports: readonly JsonMap[] };

/**
 * What the EndpointSlices of a service hold. Pods whose named target ports resolve to different numbers stand in different
 * slices. A terminating pod stays in as not ready until it is gone (staging/src/k8s.io/endpointslice).
 */
export function slicesOf(
  service: KubeObject,
  pods: readonly KubeObject[],
  nodes: ReadonlyMap<string, KubeObject>,
): SliceContent[] {
  const groups = new Map<string, { ports: JsonMap[]; endpoints: JsonMap[] }>();
  for (const pod of pods.filter((one) => belongsTo(service, one))) {
    const ports = portsOf(service, pod);
    const key = canonicalJson(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpointOf(service, pod, nodes));
    groups.set(key, group);
  }
  if (groups.size === 0) return [{ endpoints: [], ports: [] }];
  return [...groups.values()].flatMap(({ ports, endpoints }) => {
    const chunks = Math.ceil(endpoints.length / MAX_ENDPOINTS);
    return Array.from({ length: chunks }, (_, index) => ({
      ports,
      endpoints: endpoints.slice(index * MAX_ENDPOINTS, (index + 1) * MAX_ENDPOINTS),
    }));
  });
}

function belongsTo(service: KubeObject, pod: KubeObject): boolean {
  return serviceSelects(service, pod.metadata) && !isEnded(pod) && stringOf(at(pod, 'status', 'podIP')) !== '';
}

function endpointOf(service: KubeObject, pod: KubeObject, nodes: ReadonlyMap<string, KubeObject>): JsonMap {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const always = at(service, 'spec', 'publishNotReadyAddresses') === true;
  const zone = nodes.get(nodeOf(pod))?.metadata.labels?.[ZONE_LABEL];
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  return {
    addresses: [stringOf(at(pod, 'status', 'podIP'))],
    conditions: { ready: always || (serving && !terminating), serving, terminating },
    nodeName: nodeOf(pod),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(zone === undefined ? {} : { zone }),
  };
}

/** Service ports with the number each has in this pod; a name that the pod does not know is left out. */
function portsOf(service: KubeObject, pod: KubeObject): JsonMap[] {
  return mapsOf(at(service, 'spec', 'ports')).flatMap((port): JsonMap[] => {
    const { name = '', protocol = 'TCP', targetPort = port.port, appProtocol } = port;
    const number = typeof targetPort === 'number' ? targetPort : containerPort(pod, stringOf(targetPort), protocol);
    if (number === undefined) return [];
    return [{ name, port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function containerPort(pod: KubeObject, name: string, protocol: unknown): number | undefined {
  const ports = mapsOf(at(pod, 'spec', 'containers')).flatMap((container) => mapsOf(container.ports));
  const found = ports.find((port) => port.name === name && (port.protocol ?? 'TCP') === protocol)?.containerPort;
  if (typeof found === 'number') return found;
  return /^\d+$/.test(name) ? Number(name) : undefined;
}
