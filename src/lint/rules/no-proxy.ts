import type { LintRule } from '../finding.ts';

/** Istio: priorities and ejections are the calling proxy's. */
export const noProxy: LintRule = {
  id: 'no-proxy',
  severity: 'error',
  title: 'a caller of the chain has no proxy of the mesh',
  why: 'Outlier detection and locality priorities are the caller’s proxy’s own: a pod without one calls the cluster IP, and kube-proxy chooses (Istio sidecar injection; annotation sidecar.istio.io/status).',
  change:
    'Have the sidecar injected: label the namespace istio-injection=enabled, or the pod sidecar.istio.io/inject=true, and restart it.',
  check: ({ live, chain }) =>
    (chain?.hops ?? []).flatMap(({ from, to }) => {
      const bare = live.pods.filter(
        ({ ready, proxied, ambient, services }) =>
          ready && !proxied && !ambient && services.some(({ service }) => from.includes(service)),
      );
      const byWorkload = Map.groupBy(bare, ({ cluster, namespace, workload }) => `${cluster} ${namespace} ${workload}`);
      return [...byWorkload.values()].flatMap(([pod]) => {
        if (pod === undefined) return [];
        const { cluster, namespace, name, workload } = pod;
        return {
          object: { cluster, kind: 'Pod', namespace, name },
          field: 'spec.containers',
          what: `${workload} calls ${to.join(', ')} without a proxy: the mesh does not choose whom.`,
          change:
            'Label the pod sidecar.istio.io/inject=true (or its namespace istio-injection=enabled) and restart it.',
        };
      });
    }),
};
