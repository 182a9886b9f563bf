import { expect } from 'chai';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { parseTargets, starterTargets } from '../scenario/index.ts';
import { discover } from './discover.ts';

const UID = '0b8a3c1e-5f7d-4c2b-9a61-2f4d8e7c1b90';

const object = (kind: string, name: string, namespace: string, rest: object = {}, metadata: object = {}): KubeObject =>
  ({ apiVersion: 'v1', kind, metadata: { name, namespace, ...metadata }, ...rest }) as KubeObject;
const node = (
  zone: string,
  labels: object = { 'topology.kubernetes.io/region': 'eu', 'topology.kubernetes.io/zone': zone },
) => object('Node', `node-${zone}`, '', {}, { labels });
const pod = (name: string, namespace: string, zone: string, labels: object = {}, sidecar = true): KubeObject =>
  object(
    ...(['Pod', name, namespace] as const),
    {
      spec: {
        nodeName: `node-${zone}`,
        containers: sidecar ? [{ name: 'app' }, { name: 'istio-proxy' }] : [{ name: 'app' }],
      },
      status: { podIP: '10.0.0.1', phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    },
    { labels, ...(sidecar ? { annotations: { 'sidecar.istio.io/status': '{"containers":["istio-proxy"]}' } } : {}) },
  );
const door = (protocol: string, number: number, selector: object = { istio: 'in' }): KubeObject =>
  object('Gateway', `g-${number}`, 'shop', {
    spec: { selector, servers: [{ port: { number, protocol, name: 'x' } }] },
  });
const service = (name: string, selector: object, ports: number[], more: object = {}): KubeObject =>
  object('Service', name, 'gates', {
    spec: { selector, ports: ports.map((port) => ({ port })), ...more },
    status: BALANCED,
  });
const BALANCED = { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } };

const NODES = [node('eu-a'), node('eu-b')];
const SHOP = pod('shop-1', 'shop', 'eu-a');
const gate = (zone: string): KubeObject => pod(`gate-${zone}`, 'gates', zone, { istio: 'in', z: zone });

const clusterOf = (name: string, objects: readonly KubeObject[]): Cluster =>
  ({
    ...{ name, region: '', kubectl: { context: 'ctx', kubeconfig: '/k' } },
    identity: async () => ({ uid: UID, server: 'https://x', version: 'v1.36.0' }),
    get: async (ref: { kind: string; name: string }) =>
      objects.find(({ kind, metadata }) => kind === ref.kind && metadata.name === ref.name),
    list: async ({ kind }: { kind: string }) => objects.filter((one) => one.kind === kind),
  }) as unknown as Cluster;
const found = (objects: readonly KubeObject[]) => foundIn({ one: objects });
const foundIn = (clusters: Readonly<Record<string, readonly KubeObject[]>>) =>
  discover(
    Object.entries(clusters).map(([name, objects]) => ({
      cluster: clusterOf(name, objects),
      context: 'ctx',
      kubeconfig: '/k',
    })),
  );
const refused = async (objects: readonly KubeObject[]): Promise<string> =>
  found(objects).then(
    () => 'found',
    (error: Error & { hint?: string }) => `${error.message}; ${error.hint}`,
  );

describe('what clusters tell for a targets file', () => {
  it('is region, zones, gateways with their pods, and namespaces with sidecars, in a file that is valid', async () => {
    const doors = [door('HTTPS', 443), door('HTTP', 80), door('HTTP', 80)];
    const ways = ['eu-a', 'eu-b'].map((zone) => service(`in-${zone}`, { istio: 'in', z: zone }, [443, 80]));
    const plain = pod('plain', 'other', 'eu-a', {}, false);
    const { clusters, namespaces, gateways, notes } = await found([
      ...NODES,
      ...doors,
      ...ways,
      SHOP,
      plain,
      gate('eu-a'),
      gate('eu-b'),
    ]);
    expect(clusters).to.deep.equal([
      {
        ...{ name: 'one', region: 'eu', context: 'ctx', kubeconfig: '/k', uid: UID },
        kubectl: { context: 'ctx', kubeconfig: '/k' },
        gateways: [
          { zone: 'eu-a', service: { namespace: 'gates', name: 'in-eu-a', port: 80 } },
          { zone: 'eu-b', service: { namespace: 'gates', name: 'in-eu-b', port: 80 } },
        ],
      },
    ]);
    expect(namespaces).to.deep.equal(['shop']);
    expect(gateways).to.deep.equal([{ namespace: 'gates', selector: { istio: 'in' } }]);
    expect(notes).to.deep.equal([]);
    const text = starterTargets({ clusters, namespaces, observe: { namespaces, gateways } });
    const parsed = parseTargets(text, 't.yaml');
    expect(parsed.ok && parsed.warnings.length === 0, JSON.stringify(parsed)).to.equal(true);
    expect(text).to.contain(
      '  #   kubectl --kubeconfig /k --context ctx label namespace shop faultline.dev/enabled=true\n',
    );
    const hostile = clusters.map((cluster) => ({ ...cluster, kubectl: { context: 'a\nspec: {}' } }));
    expect(starterTargets({ clusters: hostile, namespaces, observe: { namespaces, gateways } })).to.contain(
      "  #   kubectl --context 'a'$'\\012''spec: {}' label namespace shop",
    );
  });

  it('is TLS where the gateways listen for nothing else, and an external IP where there is no balancer', async () => {
    const bare = { ...service('in', { istio: 'in' }, [8443], { externalIPs: ['2001:db8::1'] }), status: {} };
    const { clusters } = await found([...NODES, door('HTTPS', 8443), bare, SHOP, gate('eu-a')]);
    expect(clusters[0]?.gateways).to.deep.equal([{ zone: 'eu-a', address: 'https://[2001:db8::1]:8443' }]);
  });

  it('says where one address leads to the gateways of several zones', async () => {
    const { clusters, notes } = await found([
      ...NODES,
      door('HTTP', 80),
      service('in', { istio: 'in' }, [80]),
      SHOP,
      gate('eu-b'),
      gate('eu-a'),
    ]);
    expect(clusters[0]?.gateways).to.have.length(1);
    expect(notes.join()).to.contain('gates/in leads to gateway pods of eu-a and eu-b');
    const alike = pod('alike', 'elsewhere', 'eu-b', { istio: 'in' });
    const own = await found([
      ...NODES,
      door('HTTP', 80),
      service('in', { istio: 'in' }, [80]),
      SHOP,
      gate('eu-a'),
      alike,
    ]);
    expect(own.notes, 'a Service has pods of its own namespace').to.deep.equal([]);
  });

  it('is the cluster whose istiod serves another one, in a file that is valid', async () => {
    const all = [...NODES, door('HTTP', 80), service('in', { istio: 'in' }, [80]), SHOP, gate('eu-a')];
    const istiod = pod('istiod-1', 'istio-system', 'eu-a', { app: 'istiod' }, false);
    const system = object(
      'Namespace',
      'istio-system',
      '',
      {},
      { annotations: { 'topology.istio.io/controlPlaneClusters': 'id-1' } },
    );
    const { clusters, namespaces, gateways, notes } = await foundIn({
      one: [...all, istiod],
      // Its gateways are configured there as well.
      two: [...all.filter(({ kind }) => kind !== 'Gateway'), system],
    });
    expect(clusters.map(({ configuredBy }) => configuredBy)).to.deep.equal([undefined, 'one']);
    expect(notes).to.deep.equal([]);
    const uids = clusters.map((cluster, at) => ({
      ...cluster,
      context: cluster.name,
      uid: `${UID.slice(0, -1)}${at}`,
    }));
    const text = starterTargets({ clusters: uids, namespaces, observe: { namespaces, gateways } });
    const parsed = parseTargets(text, 't.yaml');
    expect(parsed.ok, JSON.stringify(parsed)).to.equal(true);
    expect(parsed.ok && parsed.value.clusters.map(({ configuredBy }) => configuredBy)).to.deep.equal([
      undefined,
      'one',
    ]);
  });

  it('refuses what cannot be a target, with the command that shows why', async () => {
    const way = service('in', { istio: 'in' }, [80]);
    expect(await refused([...NODES, door('HTTP', 80), way, gate('eu-a')])).to.contain('no pod has a sidecar');
    expect(await refused([...NODES, way, SHOP, gate('eu-a')]))
      .to.contain('no ready pod of an ingress gateway')
      .and.to.contain('--context ctx');
    const mute = { ...way, status: {} };
    expect(await refused([...NODES, door('HTTP', 80), mute, SHOP, gate('eu-a')])).to.contain(
      'no Service of the ingress gateways has an address',
    );
    const nowhere = [node('eu-a', {})];
    expect(await refused([...nowhere, door('HTTP', 80), way, SHOP, gate('eu-a')])).to.contain(
      'name no region and zone',
    );
    expect(await refused([...NODES, door('HTTP', 80, {}), way, SHOP, gate('eu-a')])).to.contain(
      'no ready pod of an ingress gateway',
    );
  });
});
