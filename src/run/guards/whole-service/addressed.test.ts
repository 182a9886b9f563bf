import { expect } from 'chai';
import { FaultlineError } from '../../../model/errors.ts';
import { KINDS, type KubeObject } from '../../../model/kubernetes.ts';
import { type Asked, type Site, WholeBench } from '../../testing/whole-bench.ts';

const SITES: readonly Site[] = ['tokyo', 'osaka'];
const NET: Readonly<Record<Site, string>> = { tokyo: '10.1.3', osaka: '10.2.3' };

/** All pods of mockb, in both clusters. */
const GONE = SITES.map((site): Asked => [site, 'scale', { deployment: 'mockb' }]);

/** A bench with an object for each cluster, made from the addresses of mockb's pods there. */
function benchWith(objectsOf: (addresses: readonly string[]) => readonly object[], sites = SITES): WholeBench {
  const bench = new WholeBench();
  for (const site of sites) {
    for (const one of objectsOf([1, 2].map((last) => `${NET[site]}.${last}`)))
      bench.clusters[site].add(one as KubeObject);
  }
  return bench;
}

const slice = (endpoints: readonly object[], namespace = 'default') => ({
  ...KINDS.endpointSlice,
  metadata: { name: 'by-hand', namespace, labels: { 'kubernetes.io/service-name': 'by-hand' } },
  endpoints,
  ports: [{ port: 8000 }],
});
const entry = (spec: object, namespace = 'default') => ({
  ...KINDS.serviceEntry,
  metadata: { name: 'pay', namespace },
  spec: { hosts: ['pay.example'], ports: [{ number: 80, targetPort: 8000 }], ...spec },
});
const workload = (address: string, labels: object = { app: 'pay' }, metadata: object = {}) => ({
  ...KINDS.workloadEntry,
  metadata: { name: `vm-${address}`, namespace: 'default', ...metadata },
  spec: { address, labels },
});
const service = (selector: object) => ({
  ...KINDS.service,
  metadata: { name: 'mixed', namespace: 'default' },
  spec: { selector },
});
const BY_LABELS = { workloadSelector: { labels: { app: 'pay' } } };

/** By it more namespaces are read. */
const ACROSS: Asked = ['tokyo', 'eastWestCut', { namespace: 'istio-system', selector: { app: 'eastwest' } }];

/** Besides mockb itself. */
const besides = async (bench: WholeBench, asked: readonly Asked[] = GONE) =>
  (await bench.refused(...asked)).filter((name) => name !== 'default/mockb');

describe('whole service: pods that no EndpointSlice names', () => {
  it('stand behind the Service of a hand-made one by their addresses', async () => {
    const bare = benchWith((all) => [slice([{ addresses: all }])]);
    expect(await besides(bare)).to.deep.equal(['default/by-hand']);
    expect(await besides(bare, GONE.slice(1)), 'tokyo is left').to.deep.equal([]);
    const node = (one: string) => ({ addresses: [one], targetRef: { kind: 'Node', name: 'n' } });
    expect(await besides(benchWith((all) => [slice(all.map(node))]))).to.deep.equal(['default/by-hand']);
    const others = benchWith((all) => [slice([{ addresses: all }, { addresses: [`10.1.2.1`, '10.2.2.1'] }])]);
    expect(await besides(others), 'pods of mocka are left').to.deep.equal([]);
    const six = benchWith((all) => [slice([{ addresses: all.map((one) => `fd00::${one}`) }])]);
    for (const { objects } of Object.values(six.clusters)) {
      for (const { status } of objects.values()) {
        const { podIP } = (status ?? {}) as { podIP?: string };
        if (podIP !== undefined) Object.assign(status ?? {}, { podIPs: [{ ip: podIP }, { ip: `fd00::${podIP}` }] });
      }
    }
    expect(await besides(six), 'of the other family').to.deep.equal(['default/by-hand']);
    const strange = benchWith((all) => [slice([{ addresses: [...all, '192.0.2.1'] }])]);
    expect(await besides(strange), 'an address of nobody').to.deep.equal(['default/by-hand']);
    const away = benchWith((all) => [
      slice([
        { addresses: all, conditions: { ready: false } },
        { addresses: all, conditions: { terminating: true } },
      ]),
    ]);
    expect(await besides(away), 'nobody is ready').to.deep.equal([]);
  });

  it('are behind it for the port that it says', async () => {
    const bench = benchWith((all) => [slice([{ addresses: all }])]);
    const at = (port: number) => SITES.map((site): Asked => [site, 'meshFault', { selector: { app: 'mockb' }, port }]);
    expect(await besides(bench, at(8_000))).to.deep.equal(['default/by-hand']);
    expect(await besides(bench, at(9_090))).to.deep.equal([]);
    const entries = benchWith(() => [entry({ workloadSelector: { labels: { app: 'mockb' } } })]);
    expect(await besides(entries, at(8_000)), 'of the pods').to.deep.equal(['default/pay']);
    expect(await besides(entries, at(80)), 'by which it is called').to.deep.equal([]);
  });

  it('stand behind what a ServiceEntry selects by labels, names, or has as a Service', async () => {
    const selected = { workloadSelector: { labels: { app: 'mockb' } } };
    expect(await besides(benchWith(() => [entry(selected)]))).to.deep.equal(['default/pay']);
    expect(
      await besides(
        benchWith(() => [entry(selected)]),
        GONE.slice(1),
      ),
    ).to.deep.equal([]);
    expect(await besides(benchWith(() => [entry(selected, 'istio-system')])), 'elsewhere').to.deep.equal([]);
    const both = await besides(
      benchWith(() => [entry(selected, 'istio-system')]),
      [...GONE, ACROSS],
    );
    expect(both, 'elsewhere, and read').to.deep.equal([]);
    const other = { workloadSelector: { labels: { app: 'mockb', version: 'none' } } };
    expect(await besides(benchWith(() => [entry(other)])), 'nobody').to.deep.equal([]);
    const named = benchWith((all) => [entry({ endpoints: all.map((address) => ({ address })) })]);
    expect(await besides(named)).to.deep.equal(['default/pay']);
    for (const [host, name] of [
      ['shop.other.svc.cluster.local', 'other/shop'],
      ['*.other.svc.cluster.local', 'default/pay'],
    ]) {
      const bench = benchWith(() => [entry({ ...selected, hosts: [host] })]);
      expect(await besides(bench), host).to.deep.equal([name]);
    }
  });

  it('stand behind it as WorkloadEntries, and behind a Service that selects these', async () => {
    const registered = benchWith((all) => [entry(BY_LABELS), ...all.map((one) => workload(one))]);
    expect(await besides(registered)).to.deep.equal(['default/pay']);
    const byMetadata = (one: string) => workload(one, {}, { labels: { app: 'pay' } });
    expect(await besides(benchWith((all) => [entry(BY_LABELS), ...all.map(byMetadata)]))).to.deep.equal([
      'default/pay',
    ]);
    const elsewhere = (one: string) => workload(one, { app: 'pay' }, { namespace: 'other' });
    expect(await besides(benchWith((all) => [entry(BY_LABELS), ...all.map(elsewhere)]))).to.deep.equal([]);
    const mixed = benchWith((all) => [service({ app: 'pay' }), ...all.map((one) => workload(one))]);
    expect(await besides(mixed)).to.deep.equal(['default/mixed']);
    const apart = (one: string) => workload(one, { app: 'pay' }, { namespace: 'istio-system' });
    const others = benchWith((all) => [service({ app: 'pay' }), ...all.map(apart)]);
    expect(await besides(others, [...GONE, ACROSS]), 'of another namespace').to.deep.equal([]);
    const bare = benchWith((all) => [service({}), ...all.map((one) => workload(one))]);
    expect(await besides(bare), 'without a selector').to.deep.equal([]);
  });

  it('cannot be told where pods may not be listed, and are told not to count where Istio may not be asked', async () => {
    const closed = benchWith((all) => [slice([{ addresses: all }])]);
    const asked = GONE.slice(1);
    expect((await closed.rulings(asked)).length).to.equal(0);
    closed.clusters.tokyo.before = ({ kind }) => {
      if (kind === 'Pod') throw new Error('403');
    };
    expect((await closed.rulings(asked)).join()).to.contain(
      'nobody can tell whether a pod is left to every service: 403',
    );
    const unasked = new WholeBench();
    unasked.clusters.tokyo.before = ({ kind }) => {
      if (kind === 'ServiceEntry') throw new Error('403');
    };
    expect(await unasked.rulings(asked)).to.deep.equal([
      'pods behind Services by these are not counted; not read: ServiceEntry of default (403) in tokyo',
    ]);
    unasked.clusters.tokyo.before = ({ kind }) => {
      if (kind.endsWith('Entry')) throw new FaultlineError('KIND_NOT_SERVED', 'no Istio');
    };
    expect(await unasked.rulings(asked)).to.deep.equal([]);
  });
});
