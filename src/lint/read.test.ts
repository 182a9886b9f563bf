import { expect } from 'chai';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { Target } from '../model/target.ts';
import { lintNeeds } from './needs.ts';
import { readForLint } from './read.ts';

const TARGET: Target = {
  name: 't',
  clusters: [],
  namespaces: ['shop'],
  lockNamespace: 'default',
  observe: { namespaces: ['shop'], gateways: [{ namespace: 'gates', selector: { istio: 'ingressgateway' } }] },
};
const ISTIOD: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'istiod', namespace: 'istio-system' } };
const pem = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
const ROOTS: KubeObject = {
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio-ca-root-cert', namespace: 'shop' } },
  data: { 'root-cert.pem': `${pem('AAA\nBBB')}${pem('CCC')}` },
};

type Fake = { readonly cluster: Cluster; readonly asked: Set<string> };

/** A cluster of these objects that refuses some requests, and whose istiod says this of itself. */
function fake(name: string, objects: readonly KubeObject[], refused: (what: string) => boolean, metrics: string): Fake {
  const asked = new Set<string>();
  const ask = (what: string): void => {
    asked.add(what);
    if (refused(what)) throw new Error(`forbidden: ${what}`);
  };
  const not = () => Promise.reject(new Error('lint only reads'));
  const cluster: Cluster = {
    ...{ name, region: 'r', create: not, exec: not, patch: not, delete: not, observe: not, can: not, identity: not },
    get: async ({ kind, namespace = '', name: one }) => {
      ask(`get ${kind} in ${namespace}`);
      return objects.find(({ kind: other, metadata }) => other === kind && metadata.name === one);
    },
    list: async ({ kind }, { namespace = '' }) => {
      ask(`list ${kind} in ${namespace}`);
      return objects.filter(({ kind: other, metadata }) => other === kind && metadata.namespace === namespace);
    },
    proxyAdmin: () => ({ get: not }),
    podProxy: async (namespace, pod, port, path) => {
      ask(`get Pod in ${namespace}`);
      return `${pod} ${port}${path}` === 'istiod 15014/metrics' ? metrics : '';
    },
  };
  return { cluster, asked };
}

const two = (
  refused: (what: string) => boolean = () => false,
  metrics = 'x 1\nistiod_managed_clusters{cluster_type="remote"} 3\n',
) => ['tokyo', 'hangzhou'].map((name) => fake(name, [ISTIOD, ROOTS], refused, metrics));
const read = (fakes: readonly Fake[]) =>
  readForLint(
    fakes.map(({ cluster }) => cluster),
    TARGET,
    undefined,
  );

describe('reading a target for lint', () => {
  it('asks for what it says that it needs, for no Secret, and for nothing else', async () => {
    const fakes = two();
    await read(fakes);
    const { must, may } = lintNeeds(TARGET.observe, {});
    const needs = new Set([...must, ...may].map(({ verb, kind, namespace }) => `${verb} ${kind} in ${namespace}`));
    expect([...(fakes[0]?.asked ?? [])].sort()).to.deep.equal([...needs].sort());
    expect([...needs].filter((text) => text.includes('Secret'))).to.deep.equal([]);
  });

  it('finds configuration that nobody reads where another cluster configures the proxies, and only there', async () => {
    const rule: KubeObject = {
      ...{
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata: { name: 'own', namespace: 'shop' },
      },
    };
    const [tokyo, hangzhou] = ['tokyo', 'hangzhou'].map((name) => fake(name, [rule], () => false, ''));
    if (tokyo === undefined || hangzhou === undefined) throw new Error('two');
    Object.assign(hangzhou.cluster, { configuredBy: 'tokyo' });
    const { beside } = await read([tokyo, hangzhou]);
    expect(beside.map(({ idle }) => idle.length)).to.deep.equal([0, 1]);
    const { must, may } = lintNeeds(TARGET.observe, hangzhou.cluster);
    expect(must.map(({ kind }) => kind)).to.not.include('DestinationRule');
    const needs = new Set([...must, ...may].map(({ verb, kind, namespace }) => `${verb} ${kind} in ${namespace}`));
    const { asked } = hangzhou;
    expect([...needs].filter((need) => !asked.has(need) && !need.startsWith('get Pod'))).to.deep.equal([]);
    const unread = await read([
      tokyo,
      {
        ...hangzhou,
        cluster: {
          ...hangzhou.cluster,
          list: async (kind, filter) => {
            if (kind.kind === 'DestinationRule') throw new Error('forbidden');
            return hangzhou.cluster.list(kind, filter);
          },
        },
      },
    ]);
    expect(unread.unread.map(({ what, cluster }) => `${what} ${cluster}`)).to.include('configuration hangzhou');
  });

  it('takes roots from what istiod has written, and how many clusters it knows from its statistics', async () => {
    const { beside, unread } = await read(two());
    expect(unread).to.deep.equal([]);
    expect(beside[0]).to.deep.include({ roots: ['AAABBB', 'CCC'], remotes: 3, istiod: true });
  });

  it('goes on without what is only nice to know, and says why it is not known', async () => {
    const { must, may } = lintNeeds(TARGET.observe, {});
    const textOf = ({ verb, kind, namespace }: { verb: string; kind: string; namespace: string }) =>
      `${verb} ${kind} in ${namespace}`;
    const needed = new Set(must.map(textOf));
    const extra = new Set(may.map(textOf).filter((text) => !needed.has(text)));
    // The version of Istio is asked for in the same place as istiod; it is good to know, and no more.
    const { unread, beside } = await read(two((what) => extra.has(what)));
    expect([...new Set(unread.map(({ what }) => what))].sort()).to.deep.equal([
      ...['control planes', 'namespaces', 'roots', 'workloads'],
    ]);
    expect(unread[0]?.reason).to.include('forbidden');
    expect(beside[0]).to.deep.include({ roots: [], istiod: false });
  });

  it('says so where istiod does not tell', async () => {
    const { unread } = await read(two(() => false, 'other 1\n'));
    expect(unread.map(({ reason }) => reason)[0]).to.include('istiod_managed_clusters');
  });

  it('asks for no more than a prediction where only the mesh is wanted', async () => {
    const fakes = two();
    const system = await readForLint(
      fakes.map(({ cluster }) => cluster),
      TARGET,
      undefined,
      'mesh',
    );
    const asked = [...(fakes[0]?.asked ?? [])].filter((what) => /Autoscaler|Budget|Deployment|get Pod/.test(what));
    expect(asked).to.deep.equal([]);
    expect(system.unread).to.have.length(8);
    for (const { cluster } of fakes.slice(1)) Object.assign(cluster, { configuredBy: 'tokyo' });
    const clusters = fakes.map(({ cluster }) => cluster);
    expect((await readForLint(clusters, TARGET, undefined, 'mesh')).unread).to.have.length(9);
  });

  it('rejects where the mesh itself cannot be read', async () => {
    const { must } = lintNeeds(TARGET.observe, {});
    for (const { verb, kind, namespace } of must) {
      const what = `${verb} ${kind} in ${namespace}`;
      // Namespaces of one kind are asked for one by one.
      const failed = await read(two((one) => one === what)).then(
        () => '',
        (error: Error) => error.message,
      );
      expect(failed, what).to.equal(`forbidden: ${what}`);
    }
  });
});
