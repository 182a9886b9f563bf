import { MULTI_REGION } from './multi-region.ts';
import type { NamedTopology } from './topology.ts';

/** What the vendor page advises against for its push latency, and sells for other clouds: one control plane for both regions. */
export const REMOTE_CONTROL_PLANE: NamedTopology = {
  ...MULTI_REGION,
  name: 'remote-control-plane',
  title: 'Multi-region multi-cluster, remote control plane',
  about: 'Two regions as above; the istiod of Tokyo, the only one, serves the proxies of both.',
  clusters: MULTI_REGION.clusters.map((cluster) => ({ ...cluster, istiod: 'tokyo' })),
};
