import { MULTI_REGION } from './multi-region.ts';
import type { NamedTopology } from './topology.ts';

/** The vendor page's other way to connect regions: by a mesh proxy in each, without a route between their pods. */
export const TWO_NETWORKS: NamedTopology = {
  ...MULTI_REGION,
  name: 'two-networks',
  title: 'Multi-region multi-cluster, cross-cluster mesh proxies',
  about:
    'Two regions as above, each a network of its own; pods of the other one are reached by its east-west gateway alone.',
  clusters: MULTI_REGION.clusters.map((cluster) => ({ ...cluster, network: `vpc-${cluster.name}` })),
};
