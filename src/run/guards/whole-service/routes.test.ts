import { expect } from 'chai';
import { type Asked, type Site, WholeBench } from '../../testing/whole-bench.ts';

type Spec = Readonly<Record<string, unknown>>;

const FULL = 'mockb.default.svc.cluster.local';
const ABORT = { fault: { abort: { httpStatus: 503, percentage: { value: 100 } } } };
const delay = (fixedDelay: string) => ({ fault: { delay: { fixedDelay } } });
const share = (value: number) => ({ fault: { abort: { httpStatus: 503, percentage: { value } } } });

const ofKind = (site: Site, apiVersion: string, kind: string, spec: Spec, more: Spec = {}): Asked => [
  site,
  'manifest',
  {
    object: { apiVersion, kind, metadata: { name: 'drill', namespace: 'default' }, spec },
    hits: { app: 'mockc' },
    effect: 'degrades',
    ...more,
  } as unknown as Asked[2],
];
const routes = (site: Site, http: Spec, spec: Spec = {}, more: Spec = {}): Asked =>
  ofKind(site, 'networking.istio.io/v1', 'VirtualService', { hosts: ['mockb'], http: [http], ...spec }, more);
const both = (http: Spec, spec?: Spec, more?: Spec) => [
  routes('tokyo', http, spec, more),
  routes('osaka', http, spec, more),
];

const refused = (...asked: Asked[]) => new WholeBench().refused(...asked);

describe('whole service: routes of a manifest', () => {
  it('take the Services of their hosts from callers of their clusters, whom else it is said to hit', async () => {
    expect(await refused(routes('tokyo', ABORT))).to.deep.equal([]);
    expect(await new WholeBench().rulings(both(ABORT))).to.deep.equal([
      'REFUSED the faults leave nobody who can call default/mockb, in all clusters (4 ready): ' +
        'manifest-1 takes 100 % of what 2 pods in tokyo call of it, manifest-2 takes 100 % of what 2 pods in osaka call of it | ' +
        'If an outage is meant: spec.allow.wholeServices: ["default/mockb"]',
    ]);
    for (const host of [FULL, `${FULL}.`, 'MockB.default', 'mockb.default.svc', '*ckb.default.svc.cluster.local'])
      expect(await refused(...both(ABORT, { hosts: [host] })), host).to.deep.equal(['default/mockb']);
    expect((await refused(...both(ABORT, { hosts: ['*.default.svc.cluster.local'] }))).toSorted()).to.include.members([
      'default/mockb',
      'default/mockc',
    ]);
    const all = both(ABORT, { hosts: ['*'], exportTo: ['.'] });
    expect(await refused(...all), 'whoever is called').to.include('default/mockb');
    for (const host of ['mockx', 'mockb.other', 'mockb.example.com', '*.example.com'])
      expect(await refused(...both(ABORT, { hosts: [host] })), host).to.deep.equal([]);
  });

  it('take them from the clusters that an istiod serves besides', async () => {
    const bench = new WholeBench();
    bench.isRemote = true;
    expect(await bench.refused(routes('tokyo', ABORT))).to.deep.equal(['default/mockb']);
  });

  it('take them from callers of the namespaces that they are exported to', async () => {
    expect(await refused(...both(ABORT, { exportTo: ['.'] }))).to.deep.equal(['default/mockb']);
    expect(await refused(...both(ABORT, { exportTo: ['other'] }))).to.deep.equal([]);
    expect(await refused(...both(ABORT, { gateways: ['entry'] })), 'at gateways alone').to.deep.equal([]);
  });

  it('take as much as they say, where what is hit may go on answering', async () => {
    const whole: readonly Spec[] = [
      { fault: { abort: { httpStatus: 503 } } },
      share(90),
      delay('2s'),
      { fault: { ...share(80).fault, delay: { fixedDelay: '2s', percentage: { value: 60 } } } },
      { directResponse: { status: 503 } },
      { ...ABORT, match: [{ uri: { prefix: '/' } }] },
      { ...ABORT, match: [{ headers: { a: { exact: 'b' } } }, { port: 8000 }] },
    ];
    for (const http of whole) expect(await refused(...both(http)), JSON.stringify(http)).to.have.length(1);
    const part: readonly Spec[] = [
      {},
      share(89),
      delay('1999ms'),
      { ...ABORT, match: [{ headers: { 'x-drill': { exact: 'a' } } }] },
      { ...ABORT, match: [{ sourceLabels: { app: 'mocka' } }, { queryParams: { drill: { exact: 'a' } } }] },
      { timeout: '1s', retries: { attempts: 0 } },
    ];
    for (const http of part) expect(await refused(...both(http)), JSON.stringify(http)).to.deep.equal([]);
    expect(await refused(...both({ ...delay('1500ms') }), ...both(delay('500ms'))), 'together').to.have.length(1);
  });

  it('take all where something is said to stop, unless they choose among requests or callers', async () => {
    const stops = { effect: 'stops-serving' };
    const away = both({ route: [{ destination: { host: 'nobody' } }] }, {}, stops);
    expect(await refused(...away)).to.include('default/mockb');
    const some = { match: [{ sourceLabels: { app: 'mocka' } }] };
    expect(await refused(...both(some, {}, stops))).to.not.include('default/mockb');
    const entry = (site: Site) =>
      ofKind(site, 'networking.istio.io/v1', 'ServiceEntry', { hosts: [FULL], resolution: 'STATIC' }, stops);
    expect(await refused(entry('tokyo'), entry('osaka'))).to.include('default/mockb');
    const http = (site: Site) =>
      ofKind(
        site,
        'gateway.networking.k8s.io/v1',
        'HTTPRoute',
        { parentRefs: [{ kind: 'Service', name: 'mockb' }], rules: [{ matches: [{ path: { value: '/' } }] }] },
        stops,
      );
    expect(await refused(http('tokyo'), http('osaka'))).to.include('default/mockb');
  });

  it('count what they take in a namespace that nobody touches or observes', async () => {
    const bench = new WholeBench();
    bench.chain = [];
    const hosts = { hosts: ['*.istio-system.svc.cluster.local'] };
    expect(await bench.refused(...both(ABORT, hosts))).to.include('istio-system/eastwest');
  });
});
