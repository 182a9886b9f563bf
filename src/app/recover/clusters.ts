import { FAULT_KINDS } from '../../faults/index.ts';
import type { FaultPlan } from '../../model/fault.ts';
import type { Cluster } from '../../model/ports.ts';
import type { Target } from '../../model/target.ts';
import { endingCluster } from '../../run/ending.ts';
import { identifiedCluster } from '../../run/identified-cluster.ts';
import { type RecoverPorts, recoverCluster } from '../../run/recover.ts';
import { onceIdentified } from '../../run/served.ts';
import { identityOf } from '../../run/topology.ts';
import type { OpenCluster } from '../../run/wiring.ts';
import { isJournalled, type Known } from './known.ts';
import { attempt, NOTHING, type Recovered } from './recovered.ts';

type Identifiable = Pick<OpenCluster, 'cluster' | 'uid'>;

/**
 * Undoes what is left in each cluster of a target, of faults of any kind and in any namespace, from what stands there alone; but for what
 * one of the `journals` says is undone.
 */
export function recoverClusters(
  target: Pick<Target, 'namespaces' | 'lockNamespace'>,
  clusters: Iterable<Identifiable>,
  ports: RecoverPorts,
  journals: readonly Known[] = [],
): Promise<Recovered[]> {
  const scope = { ...target, kinds: FAULT_KINDS, isWide: true };
  // What is said of another cluster under this one's name would be false, and what is written there nobody's wish.
  const identify = async (open: Identifiable): Promise<{ readonly cluster: Cluster; readonly uid: string }> => {
    const { uid } = await identityOf({ ...open, cluster: endingCluster(open.cluster, ports.over) });
    return { cluster: identifiedCluster(open.cluster, uid, ports.clock), uid };
  };
  const all = [...clusters];
  const parts = all.map((open) =>
    attempt(`cluster ${open.cluster.name}`, async () => {
      const { cluster, uid } = await identify(open);
      const others = all.filter((other) => other.cluster.configuredBy === cluster.name);
      const until = async (other: Identifiable) => endingCluster((await identify(other)).cluster, ports.over);
      const served = others.map((other) => onceIdentified(other.cluster.name, () => until(other)));
      const told = { ...ports, isJournalled: (plan: FaultPlan) => isJournalled(plan, uid, journals) };
      return { ...NOTHING, recoveries: [await recoverCluster(cluster, { ...scope, served }, [], told)] };
    }),
  );
  return Promise.all(parts);
}
