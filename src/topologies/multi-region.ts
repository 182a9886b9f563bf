import type { NamedTopology } from './topology.ts';

/** The example of the vendor page. */
export const MULTI_REGION: NamedTopology = {
  name: 'multi-region',
  title: 'Multi-region multi-cluster',
  about: 'Two clusters in two regions, two zones each, on one flat network; each has its own control plane.',
  clusters: [
    { name: 'tokyo', region: 'ap-northeast-1', zones: ['ap-northeast-1a', 'ap-northeast-1b'] },
    { name: 'hangzhou', region: 'cn-hangzhou', zones: ['cn-hangzhou-h', 'cn-hangzhou-k'] },
  ],
  workloads: 'zoned',
};
