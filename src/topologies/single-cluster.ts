import type { NamedTopology } from './topology.ts';

export const SINGLE_CLUSTER: NamedTopology = {
  name: 'single-cluster',
  title: 'Single-cluster multi-zone',
  about: 'One cluster over three zones of one region.',
  clusters: [
    { name: 'tokyo', region: 'ap-northeast-1', zones: ['ap-northeast-1a', 'ap-northeast-1b', 'ap-northeast-1c'] },
  ],
  workloads: 'zoned',
};
