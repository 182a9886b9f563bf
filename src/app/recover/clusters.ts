import { FAULT_KINDS } from '../../faults/index.ts';
import type { Cluster } from '../../model/ports.ts';
import type { Target } from '../../model/target.ts';
import { endingCluster } from '../../run/ending.ts';
import { type RecoverPorts, recoverCluster } from '../../run/recover.ts';
import { onceIdentified } from '../../run/served.ts';
import { identityOf } from '../../run/topology.ts';
import type { OpenCluster } from '../../run/wiring.ts';
import { attempt, NOTHING, type Recovered } from './recovered.ts';

/** Undoes what is left in each cluster of a target, of faults of any kind and in any namespace, from what stands there alone. */
export function recoverClusters(
  target: Pick<Target, 'namespaces' | 'lockNamespace'>,
  clusters: Iterable<Pick<OpenCluster, 'cluster' | 'uid'>>,
  ports: RecoverPorts,
): Promise<Recovered[]> {
  const scope = { ...target, kinds: FAULT_KINDS, isWide: true };
  // What is said of another cluster under this one's name would be false, and what is written there nobody's wish.
  const identify = async (open: Pick<OpenCluster, 'cluster' | 'uid'>): Promise<Cluster> => {
    const cluster = endingCluster(open.cluster, ports.over);
    await identityOf({ ...open, cluster });
    return cluster;
  };
  const all = [...clusters];
  const parts = all.map((open) =>
    attempt(`cluster ${open.cluster.name}`, async () => {
      await identify(open);
      const { name } = open.cluster;
      const others = all.filter(({ cluster }) => cluster.configuredBy === name);
      const served = others.map((other) => onceIdentified(other.cluster.name, () => identify(other)));
      return { ...NOTHING, recoveries: [await recoverCluster(open.cluster, { ...scope, served }, [], ports)] };
    }),
  );
  return Promise.all(parts);
}
