import { objects } from '../../mesh/config-read.ts';
import { crossesClusters } from '../crossing.ts';
import type { LintRule } from '../finding.ts';
import { ROOTS } from '../needs.ts';

/** Istio: plug-in CA; proxies verify the peer by the roots that istiod gives them. */
export const trustRoots: LintRule = {
  id: 'trust-roots-differ',
  severity: 'error',
  title: 'two clusters trust no root in common',
  why: 'A proxy takes the certificate of a peer only from a root that its own istiod gives it: without one in common every call to the other cluster fails in its TLS handshake (Istio multicluster: shared root CA, Secret cacerts).',
  change: 'Sign the intermediate certificates of all clusters (Secret cacerts) with one root.',
  needs: ['roots'],
  check: (system) => {
    const { beside, live, target } = system;
    const more = live.clusters.some(({ mesh }) => objects(mesh.caCertificates).length > 0);
    const [first, ...rest] = beside.filter(({ roots }) => roots.length > 0);
    if (more || first === undefined) return [];
    return rest
      .filter(({ roots }) => !roots.some((root) => first.roots.includes(root)))
      .map(({ cluster }) => ({
        object: { cluster, kind: ROOTS.kind, namespace: target.observe.namespaces[0] ?? '', name: ROOTS.name },
        field: 'data["root-cert.pem"]',
        what: `The roots of ${cluster} and of ${first.cluster} have no certificate in common.`,
        change: `Give istiod of ${cluster} a Secret cacerts under the root of ${first.cluster}.`,
        severity: crossesClusters(system) ? ('error' as const) : ('warning' as const),
      }));
  },
};

/** Istio: multicluster secretcontroller.go, whose gauge istiod_managed_clusters counts the clusters that it was given. */
export const remoteClusters: LintRule = {
  id: 'remote-cluster-unknown',
  severity: 'error',
  title: 'istiod of a cluster does not know the other clusters',
  why: 'istiod learns the endpoints of another cluster only by a remote secret (label istio/multiCluster=true) or kubeconfig file: without one its proxies have no endpoint there to fail over to (Istio `pkg/kube/multicluster/secretcontroller.go`).',
  change: 'istioctl create-remote-secret --context=<other> --name=<other> | kubectl apply --context=<this> -f -',
  needs: ['control planes'],
  check: (system) => {
    const others = system.live.clusters.length - 1;
    const serving = new Set(system.live.clusters.map(({ configuredBy }) => configuredBy));
    return system.beside
      .filter(({ cluster, istiod, remotes }) => serving.has(cluster) && istiod && remotes < others)
      .map(({ cluster, remotes }) => ({
        object: { cluster, kind: 'Secret', namespace: 'istio-system', name: '(istio/multiCluster=true)' },
        field: 'metadata.labels',
        what: `istiod of ${cluster} manages ${remotes} other cluster${remotes === 1 ? '' : 's'}; the target has ${others}.`,
        change: 'istioctl create-remote-secret --context=<other> --name=<other> | kubectl apply -f -',
        severity: crossesClusters(system) ? ('error' as const) : ('warning' as const),
      }));
  },
};
