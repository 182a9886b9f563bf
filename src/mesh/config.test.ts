import { expect } from 'chai';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import { type ClusterKey, clusterSettings, type MeshConfig, subsetsOf } from './cluster-config.ts';
import { defaultRetryPolicy } from './retry.ts';
import {
  gatewayRoute,
  meshRoute,
  type RouteDecision,
  type RouteTable,
  type RouteTarget,
  readRetries,
} from './route-config.ts';
import { VENDOR_BLOCK } from './testing/fixtures.ts';

function made(kind: string, namespace: string, spec: { [key: string]: Json }): KubeObject {
  return { apiVersion: 'networking.istio.io/v1', kind, metadata: { name: 'x', namespace }, spec };
}

const KEY: ClusterKey = {
  host: 'mockb.default.svc.cluster.local',
  port: 8000,
  clientNamespace: 'default',
  clientLabels: { app: 'mocka' },
  clientKind: 'sidecar',
};
const rule = (namespace: string, policy: { [key: string]: Json }, host = 'mockb') =>
  made('DestinationRule', namespace, { host, trafficPolicy: policy });
const config = (destinationRules: KubeObject[], envoyFilters: KubeObject[] = []): MeshConfig => ({
  destinationRules,
  envoyFilters,
  rootNamespace: 'istio-system',
});

describe('cluster configuration', () => {
  it('reads the vendor page’s DestinationRule as Istio translates it', () => {
    const settings = clusterSettings(config([rule('default', { outlierDetection: VENDOR_BLOCK })]), KEY);
    expect(settings.panicThreshold).to.equal(0);
    expect(settings.mergeWindowMs).to.equal(1000);
    expect(settings.outlier).to.deep.equal({
      intervalMs: 30_000,
      baseEjectionMs: 300_000,
      maxEjectionMs: 300_000,
      maxJitterMs: 0,
      maxEjectionPercent: 100,
      alwaysEjectOneHost: false,
      splitLocalOrigin: true,
      rules: {
        consecutive_5xx: { threshold: 1, enforcing: 100 },
        consecutive_gateway_failure: { threshold: 5, enforcing: 0 },
        consecutive_local_origin_failure: { threshold: 1, enforcing: 100 },
      },
    });
  });

  it('has no outlier detection without a rule, and up to 1.30 Envoy’s panic threshold of 50', () => {
    const settings = clusterSettings({ ...config([]), istio: '1.30' }, KEY);
    expect(settings.outlier).to.equal(undefined);
    expect(settings).to.include({ panicThreshold: 50, mergeWindowMs: 1000, connectTimeoutMs: 10_000 });
  });

  it('keeps Envoy’s defaults for what the rule leaves out and switches off what it sets to 0', () => {
    const settings = clusterSettings(
      config([rule('default', { outlierDetection: { consecutive5xxErrors: 0, consecutiveGatewayErrors: 3 } })]),
      KEY,
    );
    expect(settings.outlier).to.include({ intervalMs: 10_000, maxEjectionPercent: 10, maxEjectionMs: 300_000 });
    expect(settings.outlier?.rules.consecutive_5xx.enforcing).to.equal(0);
    expect(settings.outlier?.rules.consecutive_gateway_failure).to.deep.equal({ threshold: 3, enforcing: 100 });
  });

  it('lets max_ejection_time grow with a base above 300 s', () => {
    const block = { ...VENDOR_BLOCK, baseEjectionTime: '10m' };
    const settings = clusterSettings(config([rule('default', { outlierDetection: block })]), KEY);
    expect(settings.outlier?.maxEjectionMs).to.equal(600_000);
  });

  it('prefers port settings, and the client’s namespace over the service’s and the root', () => {
    const port = { port: { number: 8000 }, outlierDetection: { interval: '5s' } };
    const rules = [
      rule('istio-system', { outlierDetection: { interval: '1s' } }, '*.default.svc.cluster.local'),
      rule('default', { outlierDetection: { interval: '2s' }, portLevelSettings: [port] }),
    ];
    expect(clusterSettings(config(rules), KEY).outlier?.intervalMs).to.equal(5000);
    expect(clusterSettings(config(rules), { ...KEY, port: 9000 }).outlier?.intervalMs).to.equal(2000);
    expect(clusterSettings(config(rules.slice(0, 1)), KEY).outlier?.intervalMs).to.equal(1000);
  });

  it('takes a subset’s policy field by field before the rule’s own', () => {
    const subsets = [
      { name: 'v1', labels: { version: 'v1' }, trafficPolicy: { outlierDetection: { interval: '7s' } } },
    ];
    const trafficPolicy = { outlierDetection: { interval: '2s' }, connectionPool: { tcp: { connectTimeout: '3s' } } };
    const both = config([made('DestinationRule', 'default', { host: 'mockb', trafficPolicy, subsets })]);
    expect(subsetsOf(both, KEY)).to.deep.equal([{ name: 'v1', labels: { version: 'v1' } }]);
    const settings = clusterSettings(both, { ...KEY, subset: 'v1' });
    expect([settings.outlier?.intervalMs, settings.connectTimeoutMs]).to.deep.equal([7000, 3000]);
    expect(clusterSettings(both, KEY).outlier?.intervalMs).to.equal(2000);
  });

  it('takes localityLbSetting from MeshConfig where no rule has one', () => {
    const mesh = { localityLbSetting: { enabled: false } };
    const without = { ...config([rule('default', { outlierDetection: VENDOR_BLOCK })]), mesh };
    expect(clusterSettings(without, KEY).localityLb.enabled).to.equal(false);
    const loadBalancer = { localityLbSetting: { enabled: true } };
    const own = { ...config([rule('default', { outlierDetection: VENDOR_BLOCK, loadBalancer })]), mesh };
    expect(clusterSettings(own, KEY).localityLb.enabled).to.equal(true);
  });

  it('reads localityLbSetting and minHealthPercent', () => {
    const policy = {
      outlierDetection: { minHealthPercent: 30 },
      loadBalancer: { localityLbSetting: { enabled: false, failover: [{ from: 'r1', to: 'r2' }] } },
    };
    const settings = clusterSettings(config([rule('default', policy)]), KEY);
    expect(settings.panicThreshold).to.equal(30);
    expect(settings.localityLb).to.deep.include({ enabled: false, failover: [{ from: 'r1', to: 'r2' }] });
  });

  it('takes the merge window from an EnvoyFilter that applies to this proxy', () => {
    const filter = (namespace: string, context: string, labels: Record<string, string> = {}) =>
      made('EnvoyFilter', namespace, {
        workloadSelector: { labels },
        configPatches: [
          {
            applyTo: 'CLUSTER',
            match: { context },
            patch: { operation: 'MERGE', value: { common_lb_config: { update_merge_window: '0s' } } },
          },
        ],
      });
    const window = (item: KubeObject) => clusterSettings(config([], [item]), KEY).mergeWindowMs;
    expect(window(filter('istio-system', 'SIDECAR_OUTBOUND'))).to.equal(0);
    expect(window(filter('default', 'ANY', { app: 'mocka' }))).to.equal(0);
    expect(window(filter('istio-system', 'GATEWAY'))).to.equal(1000);
    expect(window(filter('default', 'ANY', { app: 'mockc' }))).to.equal(1000);
    expect(window(filter('elsewhere', 'ANY'))).to.equal(1000);
  });

  it('takes nothing from an EnvoyFilter whose conditions it does not understand', () => {
    const window = (match: { [key: string]: Json }, spec: { [key: string]: Json } = {}) => {
      const patch = { operation: 'MERGE', value: { common_lb_config: { update_merge_window: '0s' } } };
      const filter = made('EnvoyFilter', 'default', { ...spec, configPatches: [{ applyTo: 'CLUSTER', match, patch }] });
      return clusterSettings(config([], [filter]), KEY).mergeWindowMs;
    };
    const name = 'outbound|8000||mockb.default.svc.cluster.local';
    expect(window({ cluster: { name } })).to.equal(0);
    expect(window({ cluster: { subset: 'v1' } })).to.equal(1000);
    expect(window({ cluster: { name: 'outbound|9090||mockb.default.svc.cluster.local' } })).to.equal(1000);
    expect(window({ proxy: { proxyVersion: '^1.31' } })).to.equal(1000);
    expect(window({ cluster: { colour: 'red' } })).to.equal(1000);
    expect(window({}, { targetRefs: [{ kind: 'Gateway', name: 'x' }] })).to.equal(1000);
  });
});

describe('route configuration', () => {
  const defaultRetry = defaultRetryPolicy('>=1.24');
  const entry = made('VirtualService', 'default', {
    hosts: ['mock.asm-demo.work'],
    gateways: ['istio-system/ingress'],
    http: [
      {
        match: [{ uri: { prefix: '/mock' } }],
        route: [{ destination: { host: 'mocka', port: { number: 8000 } } }],
        timeout: '3s',
        retries: { attempts: 0 },
      },
    ],
  });
  const random = () => 0.5;
  const caller = { namespace: 'default', labels: { app: 'mocka' } };
  const tableOf = (...virtualServices: KubeObject[]): RouteTable => ({
    ...{ virtualServices, caller, random, defaultRetry },
    ports: new Map(),
  });
  const table = tableOf(entry);
  const at = (gateway: string, from = '*') => ({ gateways: [{ name: `istio-system/${gateway}`, from }], port: 80 });
  /** Where a request is sent, or undefined for the 404 of no route. */
  const sent = (decision: RouteDecision): RouteTarget | undefined => {
    if (decision.kind === 'answer') expect(decision.status).to.equal(404);
    return decision.kind === 'send' ? decision.target : undefined;
  };
  const request = { host: 'mock.asm-demo.work', path: '/mock/x?y', method: 'GET', headers: {} };

  it('sends a request by gateway, host and prefix', () => {
    const target = sent(gatewayRoute(table, at('ingress'), request));
    expect(target).to.include({ host: 'mocka.default.svc.cluster.local', port: 8000 });
    expect(target?.settings).to.deep.include({ timeoutMs: 3000 });
    expect(target?.settings.retry.retries).to.equal(0);
  });

  it('knows no route for another gateway, host or path', () => {
    expect(sent(gatewayRoute(table, at('other'), request))).to.equal(undefined);
    expect(sent(gatewayRoute(table, at('ingress', 'shop'), request)), 'not of that namespace').to.equal(undefined);
    expect(sent(gatewayRoute(table, at('ingress', 'default'), request))).to.not.equal(undefined);
    expect(sent(gatewayRoute(table, at('ingress'), { ...request, host: 'x.org' }))).to.equal(undefined);
    expect(sent(gatewayRoute(table, at('ingress'), { ...request, path: '/else' }))).to.equal(undefined);
  });

  it('leaves the query out when it compares paths', () => {
    const exact = made('VirtualService', 'default', {
      hosts: ['*'],
      gateways: ['istio-system/ingress'],
      http: [{ match: [{ uri: { exact: '/mock/x' } }], route: [{ destination: { host: 'mocka' } }] }],
    });
    const target = sent(gatewayRoute(tableOf(exact), at('ingress'), request));
    expect(target?.host).to.equal('mocka.default.svc.cluster.local');
  });

  it('sends to the only port of a Service, and to that by which the request came where it has several, unless it names one', () => {
    const route = (host: string, number?: number) =>
      made('VirtualService', 'default', {
        hosts: ['*', 'mocka'],
        gateways: ['istio-system/ingress', 'mesh'],
        http: [{ route: [{ destination: { host, ...(number === undefined ? {} : { port: { number } }) } }] }],
      });
    const ports = new Map([
      ['one.default.svc.cluster.local', [9000]],
      ['two.default.svc.cluster.local', [9000, 8000]],
    ]);
    const byGateway = (...of: Parameters<typeof route>) =>
      sent(gatewayRoute({ ...tableOf(route(...of)), ports }, at('ingress'), request))?.port;
    const called = { host: 'mocka.default.svc.cluster.local', port: 8000 };
    const bySidecar = (...of: Parameters<typeof route>) =>
      sent(meshRoute({ ...tableOf(route(...of)), ports }, called, request))?.port;
    expect([byGateway('one'), byGateway('two'), byGateway('none'), byGateway('two', 7)]).to.deep.equal([
      9000, 80, 80, 7,
    ]);
    expect([bySidecar('one'), bySidecar('two'), bySidecar('none'), bySidecar('one', 7)]).to.deep.equal([
      ...[9000, 8000, 8000, 7],
    ]);
  });

  it('treats a call between services by Istio’s default unless a VirtualService says otherwise', () => {
    const target = { host: 'mockb.default.svc.cluster.local', port: 8000 };
    const call = { ...request, host: 'mockb:8000' };
    expect(sent(meshRoute(table, target, call))).to.deep.equal({ ...target, settings: { retry: defaultRetry } });
    const aborting = made('VirtualService', 'default', {
      hosts: ['mockb'],
      http: [
        {
          match: [{ headers: { 'X-Test': { exact: '1' } } }],
          fault: { abort: { httpStatus: 500, percentage: { value: 50 } }, delay: { fixedDelay: '2s', percent: 20 } },
          route: [{ destination: { host: 'mockb' } }],
        },
      ],
    });
    const faulty = tableOf(aborting);
    expect(sent(meshRoute(faulty, target, call)), 'its routes are all there is').to.equal(undefined);
    expect(sent(meshRoute(faulty, target, { ...call, headers: { 'x-test': '1' } }))?.settings.fault).to.deep.equal({
      abort: { status: 500, percent: 50 },
      delay: { ms: 2000, percent: 20 },
    });
  });

  it('holds for the most specific host, then by age, and only where it is exported to', () => {
    const target = { host: 'mockb.default.svc.cluster.local', port: 8000 };
    const to = (host: string, hosts: string[], created: string, exportTo?: string[]) => {
      const spec = {
        hosts,
        http: [{ route: [{ destination: { host } }] }],
        ...(exportTo === undefined ? {} : { exportTo }),
      };
      const item = made('VirtualService', 'default', spec);
      return { ...item, metadata: { ...item.metadata, name: host, creationTimestamp: created } };
    };
    const wild = to('wild', ['*.default.svc.cluster.local'], '1');
    const older = to('older', ['mockb'], '2');
    const later = to('later', ['mockb.default.svc.cluster.local'], '3');
    const elsewhere = to('elsewhere', ['mockb'], '0', ['shop']);
    const chosen = (...items: KubeObject[]) => sent(meshRoute(tableOf(...items), target, request))?.host.split('.')[0];
    expect(chosen(later, wild, older, elsewhere)).to.equal('older');
    expect(chosen(wild, elsewhere)).to.equal('wild');
    expect(chosen(elsewhere)).to.equal('mockb');
  });

  it('may answer by itself: with a redirect, or with what is written down', () => {
    const target = { host: 'mockb.default.svc.cluster.local', port: 8000 };
    const answer = (http: { [key: string]: Json }) =>
      meshRoute(tableOf(made('VirtualService', 'default', { hosts: ['mockb'], http: [http] })), target, request);
    expect(answer({ directResponse: { status: 418, body: { string: 'tea' } } })).to.deep.equal({
      kind: 'answer',
      status: 418,
      body: 'tea',
    });
    expect(answer({ redirect: { authority: 'shop.example', scheme: 'https', redirectCode: 302 } })).to.deep.equal({
      kind: 'answer',
      status: 302,
      body: '',
      location: 'https://shop.example/mock/x?y',
    });
  });

  it('draws a destination by weight, and never one of weight 0', () => {
    const route = (...weights: (number | undefined)[]) =>
      made('VirtualService', 'default', {
        hosts: ['mockb'],
        http: [
          {
            route: weights.map((weight, index) => ({
              destination: { host: 'mockb', subset: `s${index}` },
              ...(weight === undefined ? {} : { weight }),
            })),
          },
        ],
      });
    const target = { host: 'mockb.default.svc.cluster.local', port: 8000 };
    const drawn = (point: number, ...weights: (number | undefined)[]) =>
      sent(meshRoute({ ...tableOf(route(...weights)), random: () => point }, target, request))?.subset;
    expect([0, 0.5, 0.99].map((point) => drawn(point, 0, 100))).to.deep.equal(['s1', 's1', 's1']);
    expect([0, 0.19, 0.2, 0.99].map((point) => drawn(point, 20, 80))).to.deep.equal(['s0', 's0', 's1', 's1']);
    expect(drawn(0.9, undefined)).to.equal('s0');
  });

  it('reads retries as Istio does', () => {
    expect(readRetries({ attempts: 3 }, defaultRetry)).to.deep.include({ retries: 3, on: defaultRetry.on });
    const named = readRetries({ attempts: 1, retryOn: '5xx,503,reset', retryRemoteLocalities: true }, defaultRetry);
    expect(named).to.deep.equal({
      retries: 1,
      on: ['5xx', 'reset', 'retriable-status-codes'],
      statusCodes: [503],
      remoteLocalities: true,
    });
    expect(readRetries({ attempts: 1, perTryTimeout: '2s' }, defaultRetry).perTryTimeoutMs).to.equal(2000);
  });
});
