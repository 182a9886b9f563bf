import type { Check } from '../../model/engine.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { FaultKind } from '../../model/fault.ts';
import { inContext } from '../../model/kubectl.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import type { Target } from '../../model/target.ts';
import { systemClock } from '../../run/system-clock.ts';
import type { OpenCluster } from '../../run/wiring.ts';
import { checkClock } from './check-clock.ts';
import { checkControlPlane } from './check-control-plane.ts';
import { checkProxies } from './check-proxies.ts';
import { checkLeft, checkObserved, checkPermissions, zonesIn } from './check-target.ts';
import { checkFaults } from './faults.ts';
import { counted, hintOf } from './words.ts';

/** What a run needs of a cluster. `kinds` of faults: all where no scenario says which are wanted. */
export async function checkCluster(open: OpenCluster, target: Target, kinds: readonly FaultKind[]): Promise<Check[]> {
  const { cluster, gateways } = open;
  const what = `cluster ${cluster.name}`;
  try {
    const { server, version } = await cluster.identity();
    const nodes = await cluster.list(KINDS.node, {});
    const zones = await zonesIn(cluster, target.observe);
    const unknown = gateways.filter((gateway) => !zones.has(gateway.zone)).map((gateway) => gateway.zone);
    const reachable = { what, ok: true, detail: `${server}, Kubernetes ${version}, ${counted(nodes.length, 'node')}` };
    const fix = inContext('kubectl get nodes -L topology.kubernetes.io/zone', cluster);
    const zonesMissing = { what: `${what} zones`, ok: false, detail: `no node or pod in ${unknown.join(', ')}`, fix };
    return [
      reachable,
      ...(unknown.length === 0 ? [] : [zonesMissing]),
      ...(await checkPermissions(open, target)),
      ...(await checkObserved(cluster, target.observe)),
      await checkControlPlane(cluster, target.clusters.length),
      await checkProxies(cluster, target.observe),
      ...[(await checkClock(cluster, systemClock)) ?? []].flat(),
      ...(await checkLeft(cluster, target)),
      ...(await checkFaults(cluster, target, kinds)),
    ];
  } catch (error) {
    return [
      { what, ok: false, detail: messageOf(error).replace(`${what}: `, ''), fix: fixOf(error, cluster) },
      ...(isDenied(error) ? await checkPermissions(open, target).catch(() => []) : []),
    ];
  }
}

const isDenied = (error: unknown): boolean => error instanceof FaultlineError && error.code === 'PERMISSION_DENIED';

const fixOf = (error: unknown, cluster: Cluster): string =>
  (isDenied(error) ? hintOf(error) : undefined) ?? inContext('kubectl version', cluster);
