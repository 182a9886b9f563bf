import { MULTI_REGION } from './multi-region.ts';
import type { NamedTopology } from './topology.ts';

/** What the vendor page recommends in place of its example's node selectors. */
export const SPREAD: NamedTopology = {
  ...MULTI_REGION,
  name: 'spread',
  title: 'Multi-region multi-cluster, spread workloads',
  about: 'Two regions as above; each service is one Deployment in each cluster, spread over its zones.',
  workloads: 'spread',
};
