import type { KubeObject } from '../../model/kubernetes.ts';
import { serviceSelects } from '../../model/label-selector.ts';
import { asMap, type JsonMap, mapOf, mapsOf } from '../api/json.ts';
import { portNumber } from '../nodes/container.ts';

/**
 * The ports on which a gateway's Envoy listens for a Gateway server: the target ports that the Services of the pod give to
 * the server's port; the number itself where no Service has that port, and then nothing sends there
 * (Istio: pilot/pkg/model/gateway.go, resolvePorts).
 */
export function listenerPorts(number: number, pod: KubeObject, services: readonly KubeObject[]): number[] {
  const container = mapsOf(mapOf(asMap(pod).spec).containers)[0] ?? {};
  const ports = services
    .filter((service) => serviceSelects(service, pod.metadata))
    .flatMap((service) => mapsOf(mapOf(asMap(service).spec).ports))
    .filter((port) => port.port === number)
    .map((port: JsonMap) => portNumber(container, port.targetPort ?? port.port));
  return ports.length > 0 ? ports : [number];
}
