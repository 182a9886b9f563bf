import { expect } from 'chai';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { meshVersion } from './mesh-version.ts';

function podWith(namespace: string, container: string, image: string): KubeObject {
  return { ...KINDS.pod, metadata: { name: image, namespace }, spec: { containers: [{ name: container, image }] } };
}

/** A cluster with these pods; namespaces in `closed` may not be listed. */
function clusterWith(pods: readonly KubeObject[], closed: readonly string[] = []): Cluster {
  const list: Cluster['list'] = async (_kind, { namespace = '' }) => {
    if (closed.includes(namespace)) throw new Error('403');
    return pods.filter(({ metadata }) => metadata.namespace === namespace);
  };
  return { list } as Cluster;
}

const SCOPE = { namespaces: ['default'], gateways: [{ namespace: 'edge', selector: { istio: 'ingressgateway' } }] };
const proxy = (image: string, namespace = 'default') => podWith(namespace, 'istio-proxy', image);
const istiod = (image: string) => podWith('istio-system', 'discovery', image);

describe('the version of the mesh', () => {
  const CASES: readonly [what: string, clusters: readonly Cluster[], version: string | undefined][] = [
    ['of the control plane', [clusterWith([istiod('istio/pilot:1.31.0'), proxy('istio/proxyv2:1.30.3')])], '1.31.0'],
    [
      'of the gateways where it is managed',
      [clusterWith([proxy('istio/proxyv2:1.30.3-distroless', 'edge')])],
      '1.30.3',
    ],
    ['of sidecars, with a port in the registry', [clusterWith([proxy('r:5000/proxyv2:v1.21.6-g1a')])], '1.21.6'],
    ['where the control plane may not be read', [clusterWith([proxy('p:1.31.0')], ['istio-system', 'edge'])], '1.31.0'],
    ['unknown with a digest', [clusterWith([proxy('istio/proxyv2@sha256:0a1b2c')])], undefined],
    ['unknown without a mesh', [clusterWith([podWith('default', 'app', 'app:1.2.3')])], undefined],
    [
      'unknown where clusters differ',
      [clusterWith([istiod('p:1.30.0')]), clusterWith([istiod('p:1.31.0')])],
      undefined,
    ],
  ];
  for (const [what, clusters, version] of CASES) {
    it(`is that ${what}`, async () => {
      expect(await meshVersion(clusters, SCOPE)).to.equal(version);
    });
  }
});
