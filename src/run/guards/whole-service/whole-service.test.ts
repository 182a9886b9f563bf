import { expect } from 'chai';
import { KINDS } from '../../../model/kubernetes.ts';
import { type Asked, type Site, WholeBench } from '../../testing/whole-bench.ts';

const SITES: readonly Site[] = ['tokyo', 'osaka'];
type Fields = Asked[2];

/** The same fault in both clusters. */
const both = (kind: string, fields: Fields): Asked[] => SITES.map((site) => [site, kind, fields]);
const CALLS = { callers: { app: 'mocka' }, host: 'mockb', status: 503 };
const network = (direction: string, service: string, more: Fields = {}): Fields => ({
  ...{ deployment: undefined, packets: 'drop', direction, service },
  ...more,
});
const LOSS = { packets: undefined, loss: 0.95 };
const MOCKA = ['10.1.2.0/24', '10.2.2.0/24'];
const MOCKB = ['10.1.3.0/24', '10.2.3.0/24'];
const mesh = (app: string, more: Fields = {}): Fields => ({ selector: { app }, ...more });
const late = (delay: number): Fields => ({ status: undefined, delay });
const gone = (deployment: string): Fields => ({ deployment });
const kill = (more: Fields): Fields => ({ deployment: 'mockb', every: undefined, ...more });
const across = (site: Site): Asked => [
  site,
  'eastWestCut',
  { namespace: 'istio-system', selector: { app: 'eastwest' } },
];
const swap = (app: string): Fields => ({ deployment: app });

/** What is refused of these faults, by the names that would allow it. */
const refused = (...asked: Asked[]) => new WholeBench().refused(...asked);

describe('whole service: faults at the callers', () => {
  it('count where no call gets through from any cluster', async () => {
    expect(await refused(...both('clientFault', CALLS))).to.deep.equal(['default/mockb']);
    expect(await refused(['tokyo', 'clientFault', CALLS])).to.deep.equal([]);
    expect(await refused(...both('clientFault', { ...CALLS, ...late(2_000) }))).to.deep.equal(['default/mockb']);
    expect(await refused(...both('clientFault', { ...CALLS, ...late(1_999) }))).to.deep.equal([]);
    expect(await refused(...both('clientFault', { ...CALLS, percent: 0.899 }))).to.deep.equal([]);
  });

  it('add up with those at the pods, by share and by delay', async () => {
    const some = both('clientFault', { ...CALLS, percent: 0.7 });
    expect(await refused(...some, ...both('meshFault', mesh('mockb', { percent: 0.7 })))).to.deep.equal([
      'default/mockb',
    ]);
    expect(await refused(...some, ...both('meshFault', mesh('mockb', { percent: 0.6 })))).to.deep.equal([]);
    const slow = both('clientFault', { ...CALLS, ...late(1_000) });
    expect(await refused(...slow, ...both('meshFault', mesh('mockb', late(1_000))))).to.deep.equal(['default/mockb']);
    expect(await refused(...slow, ...both('meshFault', mesh('mockb', late(999))))).to.deep.equal([]);
    const aborts = both('meshFault', mesh('mockb', { percent: 0.5 }));
    const almost = both('clientFault', { ...CALLS, ...late(1_999) });
    expect(await refused(...almost, ...aborts), 'what is not aborted is not delayed').to.deep.equal([]);
  });

  it('count what comes too late to be good, however long the load would wait', async () => {
    const bench = new WholeBench();
    bench.latencyMs = 1_000;
    expect(await bench.refused(...both('clientFault', { ...CALLS, ...late(1_000) }))).to.deep.equal(['default/mockb']);
    expect(await bench.refused(...both('clientFault', { ...CALLS, ...late(999) }))).to.deep.equal([]);
    bench.latencyMs = 60_000;
    expect(await bench.refused(...both('clientFault', { ...CALLS, ...late(2_000) }))).to.deep.equal(['default/mockb']);
  });

  it('take for callers who is said to call, where the scenario names no chain', async () => {
    const bench = new WholeBench();
    bench.chain = [];
    expect(await bench.refused(...both('clientFault', CALLS))).to.deep.equal(['default/mockb']);
    expect(await bench.refused(['tokyo', 'clientFault', CALLS])).to.deep.equal([]);
    bench.without('mocka');
    expect(await bench.refused(...both('clientFault', CALLS)), 'no Service stands for them').to.have.length(1);
    expect(await bench.refused(['tokyo', 'clientFault', CALLS]), 'there may be some in osaka').to.deep.equal([]);
  });

  it('count no requests that headers choose, but for headers that all requests may have alike', async () => {
    const chosen = (headers: Record<string, string>) => [
      ...both('clientFault', { ...CALLS, headers }),
      ...both('meshFault', mesh('mockb', { headers })),
    ];
    expect(await refused(...chosen({ 'x-drill': 'a' }))).to.deep.equal([]);
    expect(await refused(...chosen({ host: 'mockb', 'x-drill': 'a' }))).to.deep.equal([]);
    expect(await refused(...chosen({ 'x-request-id': 'a' })), 'each request has its own').to.deep.equal([]);
    const onAll = { 'x-envoy-attempt-count': '1', 'x-forwarded-for': '10.0.0.1', 'x-b3-sampled': '1', te: 'trailers' };
    for (const [name, value] of Object.entries({ host: 'mockb', ...onAll, 'grpc-accept-encoding': 'gzip' }))
      expect(await refused(...chosen({ [name]: value })), name).to.deep.equal(['default/mockb']);
    expect(await refused(...chosen(onAll)), 'all of them').to.deep.equal(['default/mockb']);
  });

  it('are asked of Services in other namespaces, too', async () => {
    const bench = new WholeBench();
    Object.assign(bench, { chain: [], namespaces: ['istio-system'] });
    const host = 'mockb.default.svc.cluster.local';
    const asked = both('clientFault', { ...CALLS, host, namespace: 'istio-system', callers: { app: 'gateway' } });
    expect(await bench.refused(...asked)).to.deep.equal(['default/mockb']);
    bench.clusters.osaka.before = ({ kind, namespace }) => {
      if (kind === 'EndpointSlice' && namespace === 'default') throw new Error('forbidden');
    };
    expect((await bench.rulings(asked)).join()).to.contain(
      'nobody can tell whether a pod is left to every service: forbidden',
    );
    const elsewhere = both('clientFault', { ...CALLS, host: 'api.example.com' });
    expect(await refused(...elsewhere), 'no Service of Kubernetes').to.deep.equal([]);
  });
});

describe('whole service: faults of packets', () => {
  it('count at the pods that call nobody any more, and at those whom they call', async () => {
    for (const how of [{}, { packets: 'refuse' }, LOSS, { packets: undefined, delay: 2_000 }]) {
      const asked = both('podNetwork', network('out', 'mocka', how));
      expect(await refused(...asked), JSON.stringify(how)).to.deep.equal(['default/mocka', 'default/mockb']);
    }
    expect(await refused(['tokyo', 'podNetwork', network('out', 'mocka')])).to.deep.equal([]);
    expect(await refused(...both('dnsFault', gone('mocka')))).to.deep.equal(['default/mocka', 'default/mockb']);
    expect(await refused(['tokyo', 'dnsFault', gone('mocka')])).to.deep.equal([]);
    expect(await refused(['tokyo', 'dnsFault', gone('mocka')], ['osaka', 'clientFault', CALLS])).to.deep.equal([
      'default/mockb',
    ]);
  });

  it('count with a peer where it is all who call, or all whom they call, whatever cluster they are in', async () => {
    const away = (cidrs: string[]) => both('podNetwork', network('out', 'mocka', { peer: { cidrs } }));
    expect(await refused(...away(MOCKB))).to.deep.equal(['default/mockb']);
    expect(await refused(...away(MOCKB.slice(1))), 'one of two').to.deep.equal([]);
    const from = (cidrs: string[]) => both('podNetwork', network('in', 'mockb', { peer: { cidrs } }));
    expect(await refused(...from(MOCKA))).to.deep.equal(['default/mockb']);
    expect(await refused(...from([...MOCKA.slice(1), '10.1.2.1'])), 'all but one pod').to.deep.equal([]);
    expect(await refused(...from(['10.1.3.0/24'])), 'who does not call').to.deep.equal([]);
    const unknown = Object.assign(new WholeBench(), { chain: [] });
    expect(await unknown.refused(...from(MOCKA)), 'whoever is meant by their addresses').to.deep.equal([
      'default/mockb',
    ]);
    expect(await unknown.refused(...from(['10.9.0.0/16'])), 'nobody who is known').to.deep.equal([]);
    const near = both('podNetwork', network('in', 'mockb', { peer: { service: 'mocka' } }));
    expect(await refused(...near), 'each from the other cluster').to.deep.equal([]);
    expect(await new WholeBench(1).refused(...near), 'of the same addresses').to.deep.equal([]);
    const doors = { namespace: 'istio-system', ...network('in', 'gateway', { peer: { cidrs: MOCKA } }) };
    expect(await refused(...both('podNetwork', doors)), 'clients call gateways').to.deep.equal([]);
  });

  it('count where everybody is cut, however that is written, and nobody knows who calls', async () => {
    const bench = new WholeBench();
    bench.chain = [];
    const halves = { peer: { cidrs: ['0.0.0.0/1', '128.0.0.0/1'] } };
    expect(await bench.refused(...both('podNetwork', network('in', 'mockb', halves)))).to.deep.equal(['default/mockb']);
    const lower = { peer: { cidrs: ['10.0.0.0/15'] } };
    expect(await bench.refused(...both('podNetwork', network('in', 'mockb', lower))), 'not osaka').to.deep.equal([]);
  });

  it('count where all are cut who may call', async () => {
    const bench = Object.assign(new WholeBench(), { chain: [], gateways: undefined });
    const zones = ['a', 'b'].map((zone): Asked => ['tokyo', 'podNetwork', network('in', 'mockb', { peer: { zone } })]);
    const rest = ['mocka', 'mockb', 'mockc'].map((app): Asked => ['osaka', 'scale', gone(app)]);
    expect(await bench.refused(...zones, ...rest)).to.deep.equal(['default/mockb']);
    expect(await bench.refused(...zones.slice(1), ...rest)).to.deep.equal([]);
  });

  it('count late packets at the gateways for each round trip of the load, which may be over new connections', async () => {
    const late = (delay: number) =>
      both('podNetwork', { namespace: 'istio-system', ...network('in', 'gateway', { packets: undefined, delay }) });
    const lost = async (delay: number, of: Partial<WholeBench> = {}) =>
      (await Object.assign(new WholeBench(), { connections: 'fresh' }, of).refused(...late(delay))).length === 1;
    expect([await lost(999), await lost(1_000)], 'TCP').to.deep.equal([false, true]);
    const tls = { protocol: 'https' } as const;
    expect([await lost(499, tls), await lost(500, tls)], 'TLS').to.deep.equal([false, true]);
    const kept = { connections: 'kept' } as const;
    expect([await lost(1_999, kept), await lost(2_000, kept)], 'kept').to.deep.equal([false, true]);
    const inside = both('podNetwork', network('in', 'mockb', { packets: undefined, delay: 1_999 }));
    const bench = Object.assign(new WholeBench(), { connections: 'fresh' });
    expect(await bench.refused(...inside), 'proxies keep theirs').to.deep.equal([]);
  });

  it('count for callers only who is ready, and anybody where a caller could not be read', async () => {
    const bench = new WholeBench();
    const asked = both('podNetwork', network('in', 'mocka', { peer: { cidrs: ['10.1.1.0/24'] } }));
    expect(await bench.refused(...asked)).to.deep.equal([]);
    for (const pod of bench.clusters.osaka.all(KINDS.pod)) {
      if (pod.metadata.namespace === 'istio-system') bench.clusters.osaka.add({ ...pod, status: { phase: 'Running' } });
    }
    expect(await bench.refused(...asked)).to.deep.equal(['default/mocka']);
    const apart = both('networkPartition', { from: { service: 'mocka' }, to: { cidrs: MOCKB } });
    const unknown = Object.assign(new WholeBench(), { gateways: undefined });
    expect(await unknown.refused(...apart), 'a gateway calls mocka').to.deep.equal(['default/mockb']);
    const again = Object.assign(new WholeBench(), { chain: ['mocka', 'mockb', 'mockb'] });
    expect(await again.refused(...both('clientFault', CALLS)), 'itself').to.deep.equal(['default/mockb']);
  });

  it('count at one port where it is one of the Service, whatever the pods declare', async () => {
    const at = (port: number) => both('podNetwork', network('in', 'mockb', { port }));
    expect(await refused(...at(8_000))).to.deep.equal(['default/mockb']);
    expect(await refused(...at(9_090))).to.deep.equal([]);
    expect(await refused(...both('meshFault', mesh('mockb', { port: 8_000 })))).to.deep.equal(['default/mockb']);
    const other = both('meshFault', mesh('mockb', { port: 9_090 }));
    expect(await refused(...other)).to.deep.equal([]);
    const beside = new WholeBench();
    for (const site of Object.values(beside.clusters)) {
      for (const slice of site.all(KINDS.endpointSlice)) {
        const isOther = slice.metadata.labels?.['kubernetes.io/service-name'] === 'mocka';
        if (isOther) site.add({ ...slice, ports: [{ port: 9_090 }] } as never);
      }
    }
    expect(await beside.refused(...other), 'a port of another Service there').to.deep.equal([]);
    const bench = new WholeBench();
    for (const { metadata, ...slice } of bench.clusters.osaka.all(KINDS.endpointSlice))
      bench.clusters.osaka.add({ ...slice, metadata, ports: [{ port: null }] } as never);
    expect(await bench.refused(...other), 'one that does not tell its ports').to.deep.equal(['default/mockb']);
  });

  it('count a part of the pods as any of them, as others take the place of those that go', async () => {
    const one = both('podNetwork', network('in', 'mockb', { count: 1 }));
    expect(await refused(...one)).to.deep.equal([]);
    const killed = both('podKill', kill({ count: 1 }));
    expect(await refused(...one, ...killed)).to.deep.equal(['default/mockb']);
    expect(await refused(...both('podNetwork', network('in', 'mockb', { count: 2 })))).to.deep.equal(['default/mockb']);
  });

  it('count between sets of pods where those are all who call, and the way around is cut as well', async () => {
    const apart = (to: { service?: string; cidrs?: string[] }) =>
      both('networkPartition', { from: { service: 'mocka' }, to });
    expect(await refused(...apart({ service: 'mockb' })), 'the other cluster').to.deep.equal([]);
    expect(await refused(...apart({ cidrs: MOCKB }))).to.deep.equal(['default/mockb']);
    const bench = new WholeBench();
    bench.chain = [];
    expect(await bench.refused(...apart({ cidrs: MOCKB })), 'nobody knows who calls whom').to.deep.equal([
      'default/mocka',
      'default/mockb',
    ]);
    const selected = (app: string) => ({ selector: { app } });
    const tokyo: Asked = ['tokyo', 'networkPartition', { from: selected('mocka'), to: selected('mockb') }];
    const osaka: Asked = ['osaka', 'scale', gone('mockb')];
    expect(await bench.refused(tokyo, osaka), 'osaka still calls tokyo').to.deep.equal([]);
    expect(await bench.refused(tokyo, osaka, across('tokyo'))).to.deep.equal(['default/mockb']);
  });

  it('count the way between networks where those who are left to call stand on its other side', async () => {
    const left: Asked[] = [
      ['tokyo', 'scale', gone('mockb')],
      ['osaka', 'scale', gone('mocka')],
    ];
    expect(await refused(...left)).to.deep.equal([]);
    expect(await refused(...left, across('tokyo'))).to.deep.equal([]);
    expect(await refused(...left, across('osaka'))).to.deep.equal(['default/mockb']);
    expect(await refused(across('tokyo'), across('osaka'))).to.deep.equal(['istio-system/eastwest']);
    const one = Object.assign(new WholeBench(), { network: 'n' });
    expect(await one.refused(...left, across('osaka')), 'of one network').to.deep.equal([]);
  });
});

describe('whole service: faults that go on', () => {
  it('count for all that matches where they come in rounds', async () => {
    for (const kind of ['podKill', 'containerKill']) {
      const first: Asked = ['tokyo', 'scale', gone('mockb')];
      const once: Asked = ['osaka', kind, kill({ count: 1 })];
      expect(await refused(first, once), kind).to.deep.equal([]);
      expect(await refused(first, ['osaka', kind, kill({ count: 1, every: 1_000 })]), kind).to.deep.equal([
        'default/mockb',
      ]);
    }
    const one = kill({ count: 1, every: 200, zone: 'a' });
    expect(await refused(...both('podKill', one)), 'of one zone').to.deep.equal([]);
  });

  it('count for any of the pods where it is not settled which of them go', async () => {
    const first: Asked = ['tokyo', 'scale', gone('mockb')];
    const fewer: Asked = ['osaka', 'scale', { deployment: 'mockb', replicas: 1 }];
    expect(await refused(first, fewer)).to.deep.equal([]);
    expect(await refused(first, fewer, ['osaka', 'podKill', kill({ count: 1 })])).to.deep.equal(['default/mockb']);
  });
});

describe('whole service: a call chain', () => {
  const parts = (percent: number, ...apps: string[]) =>
    apps.flatMap((app) => both('meshFault', mesh(app, { percent })));

  it('is refused by its first Service where almost nothing comes through all of it', async () => {
    expect(await refused(...parts(0.6, 'mocka', 'mockb', 'mockc'))).to.deep.equal(['default/mocka']);
    expect(await refused(...parts(0.6, 'mockb', 'mockc'))).to.deep.equal([]);
    const slow = (ms: number) => ['mocka', 'mockc'].flatMap((app) => both('meshFault', mesh(app, late(ms))));
    expect(await refused(...slow(1_000))).to.deep.equal(['default/mocka']);
    expect(await refused(...slow(999))).to.deep.equal([]);
    const bench = new WholeBench();
    bench.gateways = undefined;
    expect(await bench.refused(...parts(0.6, 'mocka', 'mockb', 'mockc')), 'nobody knows the gateways').to.have.length(
      1,
    );
    bench.chain = [];
    expect(await bench.refused(...parts(0.6, 'mocka', 'mockb', 'mockc')), 'nobody knows the chain').to.deep.equal([]);
    const unread = new WholeBench().without('mockc');
    expect(await unread.refused(...parts(0.6, 'mocka', 'mockb')), 'what nobody has read costs nothing').to.deep.equal(
      [],
    );
  });

  it('is refused where those that are left do not reach each other', async () => {
    const dumb: Asked = ['tokyo', 'podNetwork', network('out', 'mocka', { peer: { cidrs: MOCKB } })];
    const unheard: Asked = [
      'osaka',
      'podNetwork',
      network('in', 'mocka', { peer: { cidrs: ['10.1.1.0/24', '10.2.1.0/24'] } }),
    ];
    expect(await refused(dumb)).to.deep.equal([]);
    expect(await refused(unheard)).to.deep.equal([]);
    expect(await refused(dumb, unheard)).to.deep.equal(['default/mocka']);
    const shut: Asked[] = [
      ['tokyo', 'gatewayDown', { zone: undefined }],
      ['tokyo', 'podNetwork', network('in', 'mocka', { peer: { cidrs: ['10.2.1.0/24'] } })],
      ['osaka', 'podNetwork', network('out', 'mocka', { peer: { cidrs: MOCKB } })],
    ];
    expect(await refused(...shut.slice(1))).to.deep.equal([]);
    expect(await refused(...shut), 'its only entrance').to.deep.equal(['default/mocka']);
  });

  it('is not asked about where one of its Services is lost by itself: that is the name to allow', async () => {
    const bench = new WholeBench();
    bench.allow = { wholeServices: ['default/mockb'] };
    expect(await bench.refused(...both('scale', gone('mockb')))).to.deep.equal([]);
    expect(await bench.refused(...both('clientFault', CALLS))).to.deep.equal([]);
    expect(await bench.refused(...both('scale', gone('mocka')), ...both('scale', gone('mockc')))).to.deep.equal([
      'default/mocka',
      'default/mockc',
    ]);
  });
});

describe('whole service: what is said', () => {
  const said = async (bench: WholeBench, ...asked: Asked[]) => (await bench.rulings(asked)).join('\n');

  it('names the Service, the faults, how much each takes in which cluster, and what allows it', async () => {
    const bench = new WholeBench();
    expect(
      await said(bench, ['tokyo', 'scale', gone('mockb')], ['osaka', 'meshFault', mesh('mockb', { percent: 0.95 })]),
    ).to.equal(
      'REFUSED the faults hit every ready pod of default/mockb, in all clusters (4): scale-1 takes 100 % of what 2 pods in tokyo ' +
        'are asked, meshFault-2 takes 95 % of what 2 pods in osaka are asked | If an outage is meant: ' +
        'spec.allow.wholeServices: ["default/mockb"]',
    );
    const slow: Asked = ['osaka', 'clientFault', { ...CALLS, ...late(3_000) }];
    expect(await said(bench, ['tokyo', 'clientFault', CALLS], slow)).to.equal(
      'REFUSED the faults leave nobody who can call default/mockb, in all clusters (4 ready): clientFault-1 takes 100 % of what ' +
        '2 pods in tokyo call of it, clientFault-2 delays by 3s 100 % of what 2 pods in osaka call of it | If an outage is meant: ' +
        'spec.allow.wholeServices: ["default/mockb"]',
    );
    expect(await said(bench, ['tokyo', 'scale', gone('mocka')], slow)).to.contain(
      'nobody who can call default/mockb, in all clusters (4 ready): scale-1 takes 100 % of what 2 pods in tokyo are asked, clientFault-2',
    );
    const ranges = both('podNetwork', network('in', 'mockb', { peer: { cidrs: MOCKA } }));
    expect(await said(bench, ...ranges)).to.contain(
      'podNetwork-1 takes 100 % of what 2 pods in tokyo and 2 in osaka call of it,',
    );
    const [here, there] = both('clientFault', { ...CALLS, percent: 0.7 });
    if (here === undefined || there === undefined) throw new Error('two');
    const ends = await said(bench, here, there, ...both('meshFault', mesh('mockb', { percent: 0.7 })));
    expect(ends)
      .to.contain('clientFault-1 takes 70 % of what 2 pods in tokyo call of it')
      .and.contain('meshFault-4 takes 70 % of what 2 pods in osaka are asked');
    const some = ['mocka', 'mockb', 'mockc'].flatMap((app) => both('meshFault', mesh(app, { percent: 0.6 })));
    expect(await said(bench, ...some)).to.match(
      /^REFUSED the faults together leave almost no request that comes through the call chain from default\/mocka on: meshFault-1 takes 60 % of what 2 pods in tokyo are asked, .*meshFault-6 .* \| If an outage is meant: spec.allow.wholeServices: \["default\/mocka"\]$/,
    );
    bench.allow = { wholeServices: ['default/mockb'] };
    expect(await said(bench, ...both('clientFault', CALLS))).to.match(
      /^the faults leave .*, as spec.allow.wholeServices says$/,
    );
  });

  it('is as much as can be read, where Services are not touched that may call', async () => {
    const bench = new WholeBench();
    bench.clusters.tokyo.before = ({ kind, namespace }) => {
      if (kind === 'Pod' && namespace === 'istio-system') throw new Error('forbidden');
    };
    expect(await bench.refused(...both('clientFault', CALLS))).to.deep.equal(['default/mockb']);
  });

  it('is nothing where no fault takes anything: an image that is swapped takes all', async () => {
    expect(await refused(...both('imageSwap', swap('mockb')))).to.deep.equal(['default/mockb']);
    expect(await refused(...both('noop', swap('mockb')))).to.deep.equal([]);
  });
});
