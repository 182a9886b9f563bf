import { expect } from 'chai';
import type { KubeObject } from '../model/kubernetes.ts';
import { node, ObservedCluster, pod, slice } from './testing/observed-cluster.ts';

const SCOPE = { namespaces: ['default'], gateways: [] };

/** What no API server should say, and a spec says in its place. */
function odd(object: KubeObject, wrong: object): KubeObject {
  return { ...object, ...wrong } as KubeObject;
}

const ODD: Readonly<Record<string, KubeObject>> = {
  'a pod whose conditions are a text': odd(pod('odd'), { status: { conditions: 'x' } }),
  'a pod with a condition that is null': odd(pod('odd'), { status: { conditions: [null] } }),
  'a pod whose containers are a number': odd(pod('odd'), { spec: { containers: 5 } }),
  'a pod with a container that is null': odd(pod('odd'), { spec: { containers: [null] } }),
  'a pod whose owners are no list': odd(pod('odd'), {
    metadata: { ...pod('odd').metadata, ownerReferences: {} },
  }),
  'a pod whose locality is a number': odd(pod('odd'), {
    metadata: { ...pod('odd').metadata, labels: { 'topology.istio.io/locality': 5 } },
  }),
  'a slice whose endpoints are a text': odd(slice('odd', []), { endpoints: 'x' }),
  'a slice with an endpoint that is null': odd(slice('odd', []), { endpoints: [null] }),
  'a node whose labels are a text': odd(node('q'), { metadata: { name: 'q', labels: 'x' } }),
};

describe('objects that cannot be read', () => {
  for (const [what, object] of Object.entries(ODD)) {
    it(`stop no other: ${what}`, async () => {
      const cluster = new ObservedCluster().put(node('a'), pod('mock-a'), slice('mock', [{ pod: 'mock-a' }]));
      cluster.start(SCOPE);
      await cluster.clock.sleep(2_500);
      cluster.put(object);
      cluster.put(pod('mock-b'), slice('mock', [{ pod: 'mock-a' }, { pod: 'mock-b' }]));
      await cluster.run(5_000);
      const last = cluster
        .of('endpoints')
        .at(-1)
        ?.endpoints.map((row) => row.pod);
      expect(last).to.deep.equal(['mock-a', 'mock-b']);
    });
  }

  it('are named, and a pod of them counts as a caller that is not known', async () => {
    const cluster = new ObservedCluster().put(node('a'), pod('mock-a'), odd(pod('odd'), { spec: { containers: 5 } }));
    await cluster.start(SCOPE).run(5_000);
    const [notice] = cluster.of('notice').filter(({ text }) => text.includes('odd'));
    expect(notice?.text).to.contain('what Pod default/odd say is not understood');
    const coverage = cluster.of('mesh-telemetry').map(({ detail }) => detail);
    expect(coverage.at(-1)).to.contain('default/odd: it cannot be read');
  });
});
