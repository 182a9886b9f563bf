import { messageOf } from '../../model/errors.ts';
import type { FaultMove } from '../../model/fault-move.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { Allowances } from '../../model/scenario.ts';
import type { Endpoint } from '../../model/target.ts';
import type { Millis, Ratio } from '../../model/units.ts';
import { endpointsOf } from '../../observe/endpoints.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { OpenCluster } from '../wiring.ts';
import { type Finding, type Guard, type Guarded, namespacesOf } from './guard.ts';

/**
 * The faults together leave a ready pod to every Service, in all clusters of the target taken together: what is taken away
 * whole is no failover drill but an outage. Gateways that the targets file declares are one group over all of their zones, since
 * each zone's Service is meant to fail with its zone.
 */
export const wholeService: Guard = {
  name: 'whole service',
  check: async (guarded) => {
    const hit = hitPods(guarded);
    if (hit.size === 0) return [];
    try {
      return lostServices(await readyEndpoints(guarded), hit, guarded.inputs.scenario.allow);
    } catch (error) {
      const detail = `nobody can tell whether a pod is left to every service: ${messageOf(error)}`;
      return [{ refused: true, detail }];
    }
  },
  needs: ({ inputs, faults }) => [
    ...namespacesOf(faults).map((namespace) => ({ ...KINDS.endpointSlice, verb: 'list', namespace })),
    ...gatewaysIn(inputs, namespacesOf(faults)).map(({ namespace }) => ({ ...KINDS.pod, verb: 'list', namespace })),
  ],
};

const keyOf = (cluster: string, namespace: string, pod: string): string => `${cluster}/${namespace}/${pod}`;

/** Whether pods may not serve for a while after a move, whatever answers can tell of it. */
function mayStop(move: FaultMove | undefined): boolean {
  if (move?.kind === 'stress') return move.of === 'memory';
  return move?.kind === 'network-cut' || move?.kind === 'containers-killed';
}

/** From this share of failing requests on, of all faults together, a pod counts as one that does not serve. */
const WHOLE_SHARE: Ratio = 0.9;

/** The pods that will not serve while the faults are on; one that only degrades goes on serving. */
function hitPods({ faults, inputs: { scenario } }: Guarded): ReadonlySet<string> {
  const good = new Map<string, Ratio>();
  for (const fault of faults) {
    const share = failingShare(fault, scenario.load.timeoutMs);
    for (const { cluster, namespace, pod } of fault.plan.affected) {
      const key = keyOf(cluster, namespace, pod);
      good.set(key, (good.get(key) ?? 1) * (1 - share));
    }
  }
  // Of a share of 90 % is left what a computer makes of 1 - 0.9.
  return new Set([...good].flatMap(([key, left]) => (left <= 1 - WHOLE_SHARE + 1e-9 ? [key] : [])));
}

/** How much of what is asked of its pods a fault lets fail; what is answered after the load has given up counts as well. */
function failingShare({ plan, spec }: PlannedFault, timeoutMs: Millis): Ratio {
  if (plan.signature === 'stops-serving' || plan.signature === 'restarts' || mayStop(spec.move)) return 1;
  const { share, afterMs = Number.POSITIVE_INFINITY } = plan.failing ?? { share: 0 };
  return afterMs >= timeoutMs ? share : 0;
}

function gatewaysIn({ target }: Guarded['inputs'], namespaces: readonly string[]) {
  return (target.observe.gateways ?? []).filter(({ namespace }) => namespaces.includes(namespace));
}

type Serving = Pick<Endpoint, 'cluster' | 'namespace' | 'service' | 'pod'>;

async function readyEndpoints({ inputs, faults }: Guarded): Promise<Serving[]> {
  const namespaces = namespacesOf(faults);
  const inCluster = async ({ cluster }: OpenCluster): Promise<Serving[]> => {
    const lists = namespaces.map((namespace) => cluster.list(KINDS.endpointSlice, { namespace }));
    const endpoints = endpointsOf(cluster, (await Promise.all(lists)).flat(), [], []).filter(({ ready }) => ready);
    const gateways = gatewaysIn(inputs, namespaces).map(async ({ namespace, selector }) => {
      const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
      const pods = await cluster.list(KINDS.pod, { namespace, labelSelector: labels.join(',') });
      return pods.map(({ metadata }) => keyOf(cluster.name, namespace, metadata.name ?? ''));
    });
    const isGateway = new Set((await Promise.all(gateways)).flat());
    return endpoints.map(({ namespace, service, pod }) => {
      const own = isGateway.has(keyOf(cluster.name, namespace, pod));
      return { cluster: cluster.name, namespace, pod, service: own ? GATEWAYS : service };
    });
  };
  return (await Promise.all([...inputs.clusters.values()].map(inCluster))).flat();
}

/** In place of the names of their Services. */
const GATEWAYS = 'the gateways';

/** `everyZone` is the name for all gateways at once: each of them is the entrance of its zone. */
function lostServices(ready: readonly Serving[], hit: ReadonlySet<string>, allow: Allowances | undefined): Finding[] {
  const services = Map.groupBy(ready, ({ namespace, service }) => `${namespace}/${service}`);
  return [...services].flatMap(([name, own]) => {
    const isLeft = own.some(({ cluster, namespace, pod }) => !hit.has(keyOf(cluster, namespace, pod)));
    if (isLeft) return [];
    const detail = `the faults hit every ready pod of ${name}, in all clusters (${own.length})`;
    const isGateways = own[0]?.service === GATEWAYS;
    const isAllowed = isGateways ? allow?.everyZone : allow?.wholeServices.includes(name);
    const [field, value] = isGateways ? ['everyZone', 'true'] : ['wholeServices', `["${name}"]`];
    if (isAllowed === true) return { refused: false, detail: `${detail}, as spec.allow.${field} says` };
    return { refused: true, detail, hint: `If an outage is meant: spec.allow.${field}: ${value}` };
  });
}
