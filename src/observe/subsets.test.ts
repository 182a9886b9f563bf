import { expect } from 'chai';
import type { KubeObject } from '../model/kubernetes.ts';
import { observeNeeds } from './needs.ts';
import { SubsetBook } from './subsets.ts';
import { node, ObservedCluster, pod, slice } from './testing/observed-cluster.ts';

const SHOP = { namespaces: ['default'], gateways: [] };

type Subsets = Readonly<Record<string, Readonly<Record<string, string>>>>;

function rule(name: string, host: string, subsets: Subsets, namespace = 'default'): KubeObject {
  const spec = {
    host,
    subsets: Object.entries(subsets).map(([key, labels]) => ({ name: key, labels: { ...labels } })),
  };
  return { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata: { name, namespace }, spec };
}

const called = { service: 'mock', namespace: 'default' };

describe('observed subsets', () => {
  it('are those whose labels a pod has, of every rule for the Service, however its host is written', () => {
    const book = new SubsetBook(['tokyo']);
    book.tell('tokyo', [
      rule('short', 'mock', { v1: { version: 'v1' }, v2: { version: 'v2' }, all: {} }),
      rule('long', 'mock.default.svc.cluster.local', { tested: { version: 'v1', track: 'canary' } }),
      rule('other', 'mock', { elsewhere: {} }, 'shop'),
      rule('wide', '*.default.svc.cluster.local', { wide: { version: 'v1' } }, 'istio-system'),
    ]);
    expect(book.of(called, { version: 'v1' })).to.deep.equal(['all', 'v1', 'wide']);
    expect(book.of(called, { version: 'v1', track: 'canary' })).to.deep.equal(['all', 'tested', 'v1', 'wide']);
    expect(book.of({ service: 'mock', namespace: 'shop' }, {})).to.deep.equal(['elsewhere']);
  });

  it('are not known before every cluster has told its rules, nor where two rules call different pods by one name', () => {
    const book = new SubsetBook(['tokyo', 'hangzhou']);
    book.tell('tokyo', [rule('one', 'mock', { v1: { version: 'v1' } })]);
    expect(book.of(called, { version: 'v1' })).to.equal(undefined);
    book.tell('hangzhou', [rule('two', 'mock', { v1: { version: 'v1', track: 'canary' } })]);
    expect(book.of(called, { version: 'v1' })).to.equal(undefined);
    expect(book.of(called, { version: 'v2' })).to.deep.equal([]);
    expect(book.of(called, { version: 'v1', track: 'canary' })).to.deep.equal(['v1']);
  });

  it('tell whoever listens when the rules of any cluster have changed, and not when they are only told again', () => {
    const book = new SubsetBook(['tokyo', 'hangzhou']);
    const one = rule('one', 'mock', { v1: { version: 'v1' } });
    const heard: number[] = [];
    book.onChange(() => heard.push(book.version));
    const before = book.version;
    book.tell('tokyo', [one]);
    book.tell('tokyo', [one]);
    book.tell('hangzhou', []);
    book.tell('tokyo', [rule('one', 'mock', {})]);
    book.tell('tokyo', [one, one]);
    book.tell('tokyo', undefined);
    expect(heard).to.deep.equal([1, 2, 3, 4, 5].map((changes) => before + changes));
  });

  it('are written with the endpoints where a clause asks, again when a rule changes, and need DestinationRules', async () => {
    const version = (name: string) => ({ labels: { version: name } });
    const pods = [pod('mock-a', version('v1')), pod('mock-b', version('v2'))];
    const cluster = new ObservedCluster().put(
      node('a'),
      ...pods,
      slice('mock', [{ pod: 'mock-a' }, { pod: 'mock-b' }]),
      rule('one', 'mock', { v1: { version: 'v1' } }),
    );
    cluster.bySubset = true;
    cluster.start(SHOP);
    await cluster.clock.sleep(1_000);
    cluster.put(rule('one', 'mock', { v1: { version: 'v1' }, v2: { version: 'v2' } }));
    await cluster.run(1_000);
    const seen = cluster.of('endpoints').map(({ endpoints }) => endpoints.map(({ subsets }) => subsets));
    expect(seen.slice(0, -1)).to.deep.include([['v1'], []]);
    expect(seen.at(-1)).to.deep.equal([['v1'], ['v2']]);
    const more = observeNeeds(SHOP, true).slice(observeNeeds(SHOP).length);
    expect(new Set(more.map(({ apiVersion }) => apiVersion))).to.deep.equal(new Set(['networking.istio.io/v1']));
    expect(more.map(({ kind, verb, namespace }) => `${verb} ${kind} ${namespace}`)).to.deep.equal(
      ['default', 'istio-system'].flatMap((name) => [`list DestinationRule ${name}`, `watch DestinationRule ${name}`]),
    );
  });

  it('are written again for each cluster when a rule of another one changes', async () => {
    const labels = { version: 'v1' };
    const tokyo = new ObservedCluster().put(node('a'), pod('mock-a', { labels }), slice('mock', [{ pod: 'mock-a' }]));
    const osaka = new ObservedCluster('osaka');
    tokyo.bySubset = true;
    tokyo.start(SHOP, () => false, [osaka]);
    await tokyo.clock.sleep(1_000);
    osaka.put(rule('one', 'mock', { v1: labels }));
    await tokyo.run(1_000);
    const seen = tokyo.of('endpoints').filter(({ cluster }) => cluster === 'tokyo');
    expect(seen.map(({ endpoints }) => endpoints[0]?.subsets).slice(-2)).to.deep.equal([[], ['v1']]);
  });

  it('are not made by rules in a cluster that is configured by another', async () => {
    const labels = { version: 'v1' };
    const tokyo = new ObservedCluster().put(rule('one', 'mock', { v1: labels }));
    const osaka = new ObservedCluster('osaka', 'tokyo').put(
      ...[node('a'), pod('mock-a', { labels }), slice('mock', [{ pod: 'mock-a' }])],
      rule('two', 'mock', { v1: { version: 'v2' }, unread: {} }),
    );
    tokyo.bySubset = true;
    tokyo.start(SHOP, () => false, [osaka]);
    await tokyo.run(1_000);
    const seen = tokyo.of('endpoints').filter(({ cluster }) => cluster === 'osaka');
    expect(seen.at(-1)?.endpoints[0]?.subsets).to.deep.equal(['v1']);
  });

  it('leave the endpoints known where nobody may read the rules', async () => {
    const cluster = new ObservedCluster().put(node('a'), pod('mock-a'), slice('mock', [{ pod: 'mock-a' }]));
    cluster.bySubset = true;
    cluster.start(SHOP, (kind) => kind === 'DestinationRule');
    await cluster.run(1_000);
    expect(
      cluster.of('endpoints').map(({ endpoints }) => endpoints.map((one) => [one.pod, one.subsets])),
    ).to.deep.equal([[['mock-a', undefined]]]);
  });
});

describe('observed networks', () => {
  it('are those of the pods, or else of the targets file', async () => {
    const labels = { 'topology.istio.io/network': 'net-1' };
    const cluster = new ObservedCluster().put(
      node('a'),
      pod('mock-a', { labels }),
      pod('mock-b'),
      slice('mock', [{ pod: 'mock-a' }, { pod: 'mock-b' }]),
    );
    cluster.networks = new Map([['tokyo', 'net-2']]);
    cluster.start(SHOP);
    await cluster.clock.sleep(1_000);
    cluster.put(pod('mock-b', { labels: { 'topology.istio.io/network': 'net-3' } }));
    await cluster.run(1_000);
    const seen = cluster.of('endpoints').map(({ endpoints }) => endpoints.map(({ network }) => network));
    expect(seen).to.deep.equal([
      ['net-1', 'net-2'],
      ['net-1', 'net-3'],
    ]);
  });
});
