import { FAULT_KINDS } from '../../faults/index.ts';
import type { Target } from '../../model/target.ts';
import { endingCluster } from '../../run/ending.ts';
import { type RecoverPorts, recoverCluster } from '../../run/recover.ts';
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
  const parts = [...clusters].map((open) =>
    attempt(`cluster ${open.cluster.name}`, async () => {
      // What is said of another cluster under this one's name would be false, and what is written there nobody's wish.
      await identityOf({ ...open, cluster: endingCluster(open.cluster, ports.over) });
      return { ...NOTHING, recoveries: [await recoverCluster(open.cluster, scope, [], ports)] };
    }),
  );
  return Promise.all(parts);
}
