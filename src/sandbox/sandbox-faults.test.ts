import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { KINDS } from '../model/kubernetes.ts';
import { mapOf } from './api/json.ts';
import { SandboxUnderTest } from './testing/sandbox-under-test.ts';
import { until } from './testing/until.ts';

const A = 'ap-northeast-1a';
const B = 'ap-northeast-1b';
const HOME = `${A} ${A} ${A}`;
const AWAY = `${A} ${B} ${B}`;
const SYSTEM = { namespace: 'istio-system' };
/** A connect timeout that a spec can wait for, and a proxy without outlier statistics. */
const MANIFESTS = `
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata: {name: mockb, namespace: default}
spec:
  host: mockb
  trafficPolicy:
    connectionPool: {tcp: {connectTimeout: 300ms}}
    outlierDetection:
      splitExternalLocalOriginErrors: true
      consecutiveLocalOriginFailures: 1
      consecutive5xxErrors: 1
      baseEjectionTime: 5m
      interval: 30s
      maxEjectionPercent: 100
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: quiet, namespace: default}
spec:
  selector: {matchLabels: {app: quiet}}
  template:
    metadata: {labels: {app: quiet}}
    spec:
      nodeSelector: {topology.kubernetes.io/zone: ap-northeast-1b}
      containers: [{name: default, image: example/mock:1, env: [{name: app, value: quiet}]}]
`;

describe('sandbox faults', () => {
  let test: SandboxUnderTest;

  beforeEach(async () => {
    test = await SandboxUnderTest.start({
      manifests: [{ cluster: 'tokyo', text: MANIFESTS }],
      host: process.platform === 'linux' ? 'per-zone' : 'single',
      dialTimeoutMs: 100,
    });
  });
  afterEach(async () => test.sandbox.close());

  const comes = (zone: string, wanted: string) =>
    until(`${zone} to answer ${wanted}`, async () => (await test.chain(zone).catch(() => '')) === wanted);

  it('a killed pod costs no request and no ejection: the proxies hear of it before its containers end', async () => {
    const [pod = ''] = test.podNames(`mockb-${A}`);
    const server = async (): Promise<string> =>
      /-> mockb\(.* ip: ([^)]+)\)->/.exec((await test.ask(A)).body)?.[1] ?? '';
    const before = await server();
    test.store().delete({ ...KINDS.pod, namespace: 'default', name: pod }, { gracePeriodSeconds: 0 });
    const seen = new Set<string>();
    for (const end = performance.now() + 800; performance.now() < end; ) seen.add(await test.chain(A));
    expect([HOME, AWAY]).to.include.members([...seen]);
    await comes(A, HOME);
    expect(await server(), 'the new pod is a new host').to.not.equal(before);
    expect(await test.ejections(`mocka-${A}`, 'mockb')).to.equal('0 active, 0 in all');
  });

  it('scaling to zero moves traffic by endpoints, without any ejection', async () => {
    test.scale(`mockb-${A}`, 0);
    await comes(A, AWAY);
    expect(await test.ejections(`mocka-${A}`, 'mockb')).to.equal('0 active, 0 in all');
    test.scale(`mockb-${A}`, 1);
    await comes(A, HOME);
  });

  it('without the service in a whole region the other region serves', async () => {
    test.scale(`mockb-${A}`, 0);
    test.scale(`mockb-${B}`, 0);
    await until('hangzhou to serve', async () => / cn-hangzhou-[hk] cn-hangzhou-[hk]$/.test(await test.chain(A)));
    const startedAt = performance.now();
    await test.chain(A);
    expect(performance.now() - startedAt, 'a round trip between the regions').to.be.at.least(38);
  });

  it('an isolated pod lets the kept connection hang and new ones time out; then traffic moves, and comes back', async () => {
    await test.chain(A);
    const lift = test.isolate('default', { app: 'mockb', version: A });
    const hung = await test.chain(A, 600).catch((error: Error) => error.name);
    expect(hung).to.equal('TimeoutError');
    await comes(A, AWAY);
    expect(await test.ejections(`mocka-${A}`, 'mockb')).to.equal('1 active, 1 in all');
    const [pod = ''] = test.podNames(`mockb-${A}`);
    expect(await test.page(pod, 15020, '/stats/prometheus')).to.deep.include({ status: 503 });
    lift();
    expect((await test.page(pod, 15020, '/stats/prometheus')).status).to.equal(200);
    test.change({ apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule' }, 'mockb', (rule) => {
      Object.assign(mapOf(mapOf(mapOf(rule.spec).trafficPolicy).outlierDetection), { maxEjectionPercent: 99 });
    });
    await comes(A, HOME);
    expect(await test.ejections(`mocka-${A}`, 'mockb')).to.equal('0 active, 1 in all');
  });

  it('an isolated gateway accepts and never answers', async () => {
    const lift = test.isolate('istio-system', { 'gateway-zone': A }, ['Ingress']);
    const result = await test.chain(A, 300).catch((error: Error) => error.name);
    expect(result).to.equal('TimeoutError');
    expect(await test.chain(B)).to.equal(`${B} ${B} ${B}`);
    lift();
    expect(await test.chain(A)).to.equal(HOME);
  });

  it('a zone without a gateway pod refuses connections', async () => {
    test.scale(`istio-ingressgateway-${A}`, 0, SYSTEM);
    await until('the zone to refuse', async () => (await test.chain(A).catch(() => 'refused')) === 'refused');
    expect(await test.chain(B)).to.equal(`${B} ${B} ${B}`);
    test.scale(`istio-ingressgateway-${A}`, 1, SYSTEM);
    await comes(A, HOME);
  });

  it('a killed gateway pod breaks the connections it had', async () => {
    const place = test.sandbox.clusters[0]?.gateways.zones[0]?.address();
    const socket = connect({ host: place?.host ?? '', port: place?.port ?? 0 });
    await once(socket, 'connect');
    const ended = once(socket, 'close');
    socket.resume();
    const [pod = ''] = test.podNames(`istio-ingressgateway-${A}`, SYSTEM);
    test.store().delete({ ...KINDS.pod, ...SYSTEM, name: pod }, { gracePeriodSeconds: 0 });
    await ended;
    await comes(A, HOME);
  });

  it('a Service that is deleted leaves a name that does not resolve', async () => {
    test.store().delete({ ...KINDS.service, namespace: 'default', name: 'mockc' });
    await until('the chain to end', async () => /^-> mocka\([^)]+\)-> mockb\([^)]+\)$/.test(await test.chain(A)));
  });

  it('a crashing image never becomes ready and so changes nothing', async () => {
    test.swap(`mockb-${A}`, 'example/crash:1');
    await until('a crash loop', () =>
      test
        .store()
        .list(KINDS.pod, 'default')
        .some((pod) => JSON.stringify(pod.status).includes('CrashLoopBackOff')),
    );
    expect(await test.chain(A)).to.equal(HOME);
  });

  it('a network plug-in that ignores policies leaves the fault without effect', async () => {
    test.sandbox.misbehave.ignoreNetworkPolicy = true;
    test.isolate('default', { app: 'mockb' });
    expect(await test.chain(A)).to.equal(HOME);
  });

  it('images that are ignored leave an image swap without effect', async () => {
    test.sandbox.misbehave.ignoreImages = true;
    const [before = ''] = test.podNames(`mockb-${A}`);
    test.swap(`mockb-${A}`, 'example/curl:1', ['sleep', '3600']);
    await until('the rollout', () => {
      const now = test.podNames(`mockb-${A}`);
      return now.length === 1 && now[0] !== before;
    });
    await comes(A, HOME);
  });

  it('a sidecar shows outlier statistics only where proxyStatsMatcher includes them', async () => {
    expect(await test.ejections('quiet', 'mockb')).to.equal('none');
    expect(await test.ejections(`mocka-${A}`, `istio-ingressgateway-${A}`), 'no outlier detection').to.equal('none');
    expect(await test.ejections(`istio-ingressgateway-${A}`, 'mocka', 'istio-system')).to.equal('0 active, 0 in all');
    const [pod = ''] = test.podNames(`mocka-${A}`);
    expect((await test.page(pod, 9999, '/stats/prometheus')).status).to.equal(503);
  });
});
