import type { NamedTopology } from './topology.ts';

const REGION = 'ap-northeast-1';

export const SINGLE_REGION: NamedTopology = {
  name: 'single-region',
  title: 'Single-region multi-zone multi-cluster',
  about: 'Two clusters in one region, each over two zones that the other does not use.',
  clusters: [
    { name: 'tokyo', region: REGION, zones: ['ap-northeast-1a', 'ap-northeast-1b'] },
    { name: 'tokyo-2', region: REGION, zones: ['ap-northeast-1c', 'ap-northeast-1d'] },
  ],
  workloads: 'zoned',
};

/** What the vendor page warns of: the same zone wins over the own cluster. */
export const OVERLAPPING_ZONES: NamedTopology = {
  name: 'overlapping-zones',
  title: 'Single-region multi-zone multi-cluster, overlapping zones',
  about: 'Two clusters in one region over the same two zones: each zone is home for both clusters at once.',
  clusters: [
    { name: 'tokyo', region: REGION, zones: ['ap-northeast-1a', 'ap-northeast-1b'] },
    { name: 'tokyo-2', region: REGION, zones: ['ap-northeast-1a', 'ap-northeast-1b'] },
  ],
  workloads: 'zoned',
};
