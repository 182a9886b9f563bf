import { expect } from 'chai';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { meshVersions } from './mesh-version.ts';

function podWith(namespace: string, container: string, image: string): KubeObject {
  return { ...KINDS.pod, metadata: { name: image, namespace }, spec: { containers: [{ name: container, image }] } };
}

/** A cluster with these pods; namespaces in `closed` may not be listed. */
function clusterWith(
  pods: readonly KubeObject[],
  closed: readonly string[] = [],
  place: Pick<Cluster, 'name' | 'configuredBy'> = { name: 'tokyo' },
): Cluster {
  const list: Cluster['list'] = async (_kind, { namespace = '' }) => {
    if (closed.includes(namespace)) throw new Error('403');
    return pods.filter(({ metadata }) => metadata.namespace === namespace);
  };
  return { ...place, list } as Cluster;
}

const SCOPE = { namespaces: ['default'], gateways: [{ namespace: 'edge', selector: { istio: 'ingressgateway' } }] };
const proxy = (image: string, namespace = 'default') => podWith(namespace, 'istio-proxy', image);
const istiod = (image: string) => podWith('istio-system', 'discovery', image);

describe('the version of the mesh', () => {
  const CASES: readonly [what: string, cluster: Cluster, version: string | undefined][] = [
    ['of the control plane', clusterWith([istiod('istio/pilot:1.31.0'), proxy('istio/proxyv2:1.30.3')]), '1.31.0'],
    ['of the gateways where it is managed', clusterWith([proxy('istio/proxyv2:1.30.3-distroless', 'edge')]), '1.30.3'],
    ['of sidecars, with a port in the registry', clusterWith([proxy('r:5000/proxyv2:v1.21.6-g1a')]), '1.21.6'],
    ['where the control plane may not be read', clusterWith([proxy('p:1.31.0')], ['istio-system', 'edge']), '1.31.0'],
    ['unknown with a digest', clusterWith([proxy('istio/proxyv2@sha256:0a1b2c')]), undefined],
    ['unknown without a mesh', clusterWith([podWith('default', 'app', 'app:1.2.3')]), undefined],
    ['unknown where images do not agree', clusterWith([proxy('p:1.30.0'), proxy('p:1.31.0')]), undefined],
  ];
  for (const [what, cluster, version] of CASES) {
    it(`is that ${what}`, async () => {
      expect((await meshVersions([cluster], SCOPE)).get('tokyo')).to.equal(version);
    });
  }

  it('is one for each cluster, by the control plane that serves it', async () => {
    const place = (name: string, configuredBy?: string) => ({ name, ...(configuredBy && { configuredBy }) });
    const tokyo = clusterWith([istiod('p:1.31.0')]);
    const versions = await meshVersions(
      [
        tokyo,
        clusterWith([proxy('p:1.28.3')], [], place('hangzhou')),
        clusterWith([proxy('p:1.30.0')], [], place('osaka', 'tokyo')),
        clusterWith([], [], place('berlin')),
      ],
      SCOPE,
    );
    expect([...versions]).to.deep.equal([
      ['tokyo', '1.31.0'],
      ['hangzhou', '1.28.3'],
      ['osaka', '1.31.0'],
    ]);
  });
});
