import type { KubeCluster } from '../../kube/cluster.ts';
import type { JournalCluster } from '../../model/journal.ts';

/** Clusters that were opened, and are to be closed. */
type Clients = { readonly open: (where: JournalCluster) => KubeCluster; close(): void };

/** Opens each cluster once, however many journals name it: each client has connections of its own, of which a machine has not many. */
export function oneForEach(openCluster: (where: JournalCluster) => KubeCluster): Clients {
  const opened = new Map<string, KubeCluster>();
  return {
    open: (where) => {
      const { name, region, kubeconfig, context, configuredBy } = where;
      const key = JSON.stringify([name, region, kubeconfig, context, configuredBy]);
      const cluster = opened.get(key) ?? openCluster(where);
      opened.set(key, cluster);
      return cluster;
    },
    close: () => {
      for (const cluster of opened.values()) cluster.close();
    },
  };
}
