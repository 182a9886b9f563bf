import { object, text } from '../../mesh/config-read.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { LivePod } from '../../predict/live-system.ts';
import { waypointOf } from '../../workload/ambient.ts';
import { type Found, type LintRule, objectIn } from '../finding.ts';
import type { LintSystem } from '../system.ts';

/** A Service that pods in ambient mode call in their cluster. */
type AmbientCall = { readonly cluster: string; readonly from: readonly string[]; readonly called: KubeObject };

/** ztunnel asks for workloads and Services alone (Istio: pilot/pkg/serviceregistry/ambient), and DestinationRules go to waypoints (cluster_waypoint.go). */
export const ambientWithoutWaypoint: LintRule = {
  id: 'ambient-without-waypoint',
  severity: 'error',
  title: 'a caller in ambient mode calls a Service that has no waypoint',
  why: 'ztunnel reads no DestinationRule: a pod that is ready goes on getting its share, whatever it answers, and no other zone or region takes over. Only a waypoint of the called Service ejects (Istio `cluster_waypoint.go` buildWaypointInboundVIPCluster; trafficDistribution orders ready endpoints and nothing else).',
  change: 'Give the called Service a waypoint in every cluster (label istio.io/use-waypoint), or its callers sidecars.',
  needs: ['namespaces'],
  check: (system) =>
    system.chain === undefined
      ? placesOf(system)
      : callsOf(system).flatMap(({ cluster, from, called }) => {
          if (waypointOf(called, namespaceOf(system, cluster, called)) !== undefined) return [];
          const name = `${called.metadata.namespace}/${called.metadata.name}`;
          return {
            object: objectIn(cluster, called),
            field: 'metadata.labels',
            what: `${from.join(', ')} in ambient mode calls ${name} without a waypoint: nobody is ejected, and ${orderOf(called)}.`,
            change: `Label Service ${name} istio.io/use-waypoint=<waypoint>, or give ${from.join(', ')} sidecars.`,
          };
        }),
};

/** A waypoint is an Envoy with a locality of its own (Istio: cluster_waypoint.go applyLoadBalancer, with the builder's own locality). */
export const ambientWaypoint: LintRule = {
  id: 'ambient-waypoint',
  severity: 'info',
  title: 'a waypoint chooses for callers in ambient mode',
  why: 'Priorities and ejections are those of the waypoint’s pods, and its own zone counts as the same zone, not the caller’s. ztunnel spreads calls over the waypoint’s pods, by trafficDistribution of the waypoint’s Service (Istio `cluster_waypoint.go`).',
  change: 'Run the waypoint in every zone, and set trafficDistribution: PreferClose at its Service.',
  needs: ['namespaces'],
  check: (system) =>
    callsOf(system).flatMap(({ cluster, from, called }) => {
      const waypoint = waypointOf(called, namespaceOf(system, cluster, called));
      if (waypoint === undefined) return [];
      const name = `${called.metadata.namespace}/${called.metadata.name}`;
      return {
        object: objectIn(cluster, called),
        field: 'metadata.labels',
        what: `${from.join(', ')} in ambient mode calls ${name} through waypoint ${waypoint}: the order begins at the zone of the waypoint’s pod.`,
        change: `Have a pod of waypoint ${waypoint} in every zone, and trafficDistribution: PreferClose at its Service.`,
      };
    }),
};

function callsOf({ live, chain }: LintSystem): AmbientCall[] {
  return live.clusters.flatMap(({ name: cluster, services }) =>
    (chain?.hops ?? []).flatMap(({ from, to }) => {
      const own = live.pods.filter((pod) => pod.cluster === cluster && pod.ambient && pod.ready);
      const calling = from.filter((service) => own.some((pod) => isBehind(pod, service)));
      if (calling.length === 0) return [];
      const called = services.filter(({ metadata }) => to.includes(`${metadata.namespace}/${metadata.name}`));
      return called.map((one) => ({ cluster, from: calling, called: one }));
    }),
  );
}

function isBehind({ services }: LivePod, service: string): boolean {
  return services.some((one) => one.service === service);
}

function namespaceOf({ beside }: LintSystem, cluster: string, { metadata }: KubeObject): KubeObject | undefined {
  const own = beside.find((one) => one.cluster === cluster)?.namespaces ?? [];
  return own.find(({ metadata: { name } }) => name === metadata.namespace);
}

/** Annotation of Istio for what a Service says in its spec since Kubernetes 1.31. */
const DISTRIBUTION = 'networking.istio.io/traffic-distribution';

function orderOf({ metadata, spec }: KubeObject): string {
  const said = text(object(spec).trafficDistribution) ?? metadata.annotations?.[DISTRIBUTION];
  return said === undefined
    ? 'ready pods of all zones and regions are called alike'
    : `only pods that are not ready are left, in the order of trafficDistribution: ${said}`;
}

/** Where nobody says who calls whom. */
function placesOf({ live }: LintSystem): Found[] {
  const ambient = live.pods.filter((pod) => pod.ambient && pod.ready);
  const byPlace = Map.groupBy(ambient, ({ cluster, namespace }) => `${cluster} ${namespace}`);
  return [...byPlace.values()].flatMap(([pod]) => {
    if (pod === undefined) return [];
    const { cluster, namespace } = pod;
    return {
      object: { cluster, kind: 'Namespace', namespace: '', name: namespace },
      field: 'metadata.labels',
      what: `Pods of ${namespace} are in ambient mode: what they call without a waypoint is never ejected.`,
      change: 'Name the scenario, so that calls are known, and give what these pods call a waypoint.',
      severity: 'warning' as const,
    };
  });
}
