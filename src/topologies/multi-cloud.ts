import type { NamedTopology } from './topology.ts';

/** What the vendor page calls the highest level: another provider for each region, and what comes with that. */
export const MULTI_CLOUD: NamedTopology = {
  name: 'multi-cloud',
  title: 'Multi-cloud multi-region multi-cluster',
  about:
    'Two regions of two providers, over a slow line that loses packets; each has its own versions of Kubernetes and Istio.',
  clusters: [
    // No managed control plane there: its istiod is its own.
    {
      ...{ name: 'tokyo', region: 'ap-northeast-1', zones: ['ap-northeast-1a', 'ap-northeast-1b'], istiod: 'tokyo' },
      ...{ provider: 'aws', kubernetes: '1.36.4-eks-5a8c1f2', istio: '1.31' },
    },
    {
      ...{ name: 'hangzhou', region: 'cn-hangzhou', zones: ['cn-hangzhou-h', 'cn-hangzhou-k'] },
      ...{ provider: 'alicloud', kubernetes: '1.34.3-aliyun.1', istio: '1.28' },
    },
  ],
  workloads: 'zoned',
  link: { roundTripMs: 120, loss: 0.02 },
};
