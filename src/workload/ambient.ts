import type { KubeObject } from '../model/kubernetes.ts';
import { hasSidecar } from './sidecars.ts';

/** Annotation that Istio sets on a pod whose connections its node's ztunnel takes over (istio.io/api annotation AmbientRedirection). */
const REDIRECTION = 'ambient.istio.io/redirection';
/** Label of what Istio runs for a Gateway object, and its value at waypoints (Istio: constants.ManagedGatewayMeshControllerLabel). */
const MANAGED = 'gateway.istio.io/managed';
const BY_MESH = 'istio.io-mesh-controller';
/** Label that names the waypoint of a Service, or of all Services of a namespace (istio.io/api label IoIstioUseWaypoint). */
const USE_WAYPOINT = 'istio.io/use-waypoint';
/** Its value where a Service shall have none, whatever its namespace says. */
const NONE = 'none';

/** The port at which pods in ambient mode are called, whatever port is called (HBONE; Istio: ztunnel, `pilot/pkg/model` HBoneInboundListenPort). */
export const HBONE_PORT = 15008;

/** Whether ztunnel calls and is called for a pod, which then has no proxy of its own. */
export function inAmbient(pod: KubeObject): boolean {
  return pod.metadata.annotations?.[REDIRECTION] === 'enabled' && !hasSidecar(pod);
}

/** Whether a pod is a waypoint: the proxy through which ztunnels call Services that have one. */
export function isWaypoint({ metadata }: KubeObject): boolean {
  return metadata.labels?.[MANAGED] === BY_MESH;
}

/** Name of the waypoint by which a Service is called in ambient mode; undefined where it has none. */
export function waypointOf(service: KubeObject, namespace: KubeObject | undefined): string | undefined {
  const name = service.metadata.labels?.[USE_WAYPOINT] ?? namespace?.metadata.labels?.[USE_WAYPOINT];
  return name === NONE ? undefined : name;
}
