import { expect } from 'chai';
import { readyPod } from '../../faults/testing/fake-controllers.ts';
import { fakeSystem } from '../../faults/testing/fake-system.ts';
import { KINDS, PLAN_ANNOTATION, RUN_LABEL, UNDO_ANNOTATION } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import type { ObservedScope, Target } from '../../model/target.ts';
import { checkLeft, checkObserved, checkPermissions, zonesIn } from './check-target.ts';

const SCOPE: ObservedScope = {
  namespaces: ['default'],
  gateways: [{ namespace: 'ingress', selector: { istio: 'ingressgateway' } }],
};
const TARGET: Target = {
  name: 'staging',
  clusters: [],
  namespaces: ['default'],
  lockNamespace: 'default',
  observe: SCOPE,
};

/** The fake system with a Service's endpoints and, where it is wanted, a gateway. */
function system(gateway: 'ready' | 'starting' | 'none') {
  const cluster = fakeSystem();
  cluster.add({ ...KINDS.endpointSlice, metadata: { namespace: 'default', name: 'mockb-1' } });
  if (gateway === 'none') return cluster;
  const pod = readyPod('gateway', 'node-ap-northeast-1a', 'x', { containers: [] });
  pod.metadata = { ...pod.metadata, namespace: 'ingress', labels: { istio: 'ingressgateway' } };
  if (gateway === 'starting') pod.status = { phase: 'Pending' };
  cluster.add(pod);
  return cluster;
}

const summary = async (scope: ObservedScope, cluster: Cluster) =>
  (await checkObserved(cluster, scope)).map(({ ok, optional, detail }) => [ok, optional ?? false, detail]);

describe('the zones that doctor knows', () => {
  it('are those of the nodes, and those that observed pods and gateways say themselves', async () => {
    const cluster = system('none');
    const gateway = readyPod('gateway', 'node-ap-northeast-1a', 'x', { containers: [] });
    gateway.metadata = { ...gateway.metadata, namespace: 'ingress', labels: { istio: 'ingressgateway' } };
    Object.assign(gateway.metadata.labels ?? {}, { 'istio-locality': 'r.own' });
    cluster.add(gateway);
    expect([...(await zonesIn(cluster, SCOPE))]).to.deep.equal(['ap-northeast-1a', 'ap-northeast-1b', 'own']);
  });
});

describe('what doctor says of earlier runs', () => {
  it('is what they have left, with the command that undoes it', async () => {
    const cluster = system('none');
    expect((await checkLeft(cluster, TARGET)).map(({ ok }) => ok)).to.deep.equal([true]);
    const [deployment] = cluster.all(KINDS.deployment);
    Object.assign(deployment?.metadata.labels ?? {}, { [RUN_LABEL]: 'run-1' });
    const [left] = await checkLeft(cluster, TARGET);
    expect([left?.ok, left?.detail]).to.deep.equal([
      false,
      `default/deployment/${deployment?.metadata.name} (run run-1)`,
    ]);
    expect(left?.fix).to.contain('faultline recover --scan');
    const { labels } = deployment?.metadata ?? {};
    delete labels?.[RUN_LABEL];
    const plan = JSON.stringify({ kind: 'scale', fault: 'f', runId: 'run-0', objects: [] });
    Object.assign(deployment?.metadata ?? {}, { annotations: { [UNDO_ANNOTATION]: '{}', [PLAN_ANNOTATION]: plan } });
    const at = `deployment/${deployment?.metadata.name}`;
    expect(await checkLeft(cluster, TARGET)).to.deep.equal([
      {
        what: `cluster ${cluster.name} left by runs`,
        ok: false,
        detail: `default/${at} carries what run run-0 has left behind, and nothing of that run is on`,
        fix: `kubectl -n default annotate ${at} ${PLAN_ANNOTATION}- ${UNDO_ANNOTATION}-`,
      },
    ]);
    cluster.before = () => {
      throw new Error('403 no');
    };
    expect(await checkLeft(cluster, TARGET)).to.deep.equal([]);
  });
});

describe('what doctor says of spec.observe', () => {
  it('is fine where namespaces have endpoints and gateways have ready pods', async () => {
    expect(await summary(SCOPE, system('ready'))).to.deep.equal([
      [true, false, '1 EndpointSlices in default'],
      [true, false, '1 ready gateway pods with istio=ingressgateway in ingress'],
    ]);
  });

  it('names a namespace without endpoints and a selector without a ready pod', async () => {
    const wrong = { ...SCOPE, namespaces: ['defualt'] };
    for (const gateway of ['starting', 'none'] as const) {
      expect(await summary(wrong, system(gateway))).to.deep.equal([
        [false, false, 'no EndpointSlice in defualt: there is nothing to observe'],
        [false, false, 'no ready gateway pods with istio=ingressgateway in ingress'],
      ]);
    }
    const [namespace, gateway] = await checkObserved(system('none'), wrong);
    expect(namespace?.fix).to.contain('kubectl get namespace defualt').and.contain('spec.observe.namespaces');
    expect(gateway?.fix).to.contain('kubectl -n ingress get pods -l istio=ingressgateway');
  });

  it('says, as no failure, that nobody has declared the gateways', async () => {
    const [, undeclared] = await summary({ namespaces: ['default'] }, system('none'));
    expect(undeclared?.slice(0, 2)).to.deep.equal([false, true]);
    expect(await summary({ namespaces: ['default'], gateways: [] }, system('none'))).to.have.length(1);
  });

  it('says what keeps it from looking', async () => {
    const list = () => Promise.reject(new Error('403 no'));
    expect(await summary(SCOPE, Object.assign(system('ready'), { list }))).to.deep.equal([[false, false, '403 no']]);
  });
});

describe('what doctor says of the permissions', () => {
  const checked = (granted: (verb: string, kind: string) => boolean) => {
    const cluster = system('ready');
    const can: Cluster['can'] = async (verb, { kind }) => granted(verb, kind);
    Object.assign(cluster, { can });
    return checkPermissions(
      { cluster, kubeconfig: 'kubeconfig', context: 'tokyo', uid: undefined, gateways: [] },
      TARGET,
    );
  };

  it('is fine where all is granted', async () => {
    const checks = await checked(() => true);
    expect(checks.map(({ what, ok }) => [what, ok])).to.deep.equal([
      ['cluster tokyo permissions', true],
      ['cluster tokyo recovery', true],
      ['cluster tokyo observing', true],
      ['cluster tokyo predicting', true],
    ]);
  });

  it('tells what a run needs from what it would only see less without', async () => {
    const [run, scan, observe] = await checked(
      (verb, kind) => verb !== 'watch' && kind !== 'ConfigMap' && kind !== 'Job',
    );
    expect(run?.detail).to.equal(
      'not allowed: get ConfigMap faultline-freeze in tokyo/default; get ConfigMap faultline-run in tokyo/default',
    );
    expect(run?.ok).to.equal(false);
    expect(scan).to.include({ ok: false, detail: 'not allowed: list Job in tokyo/default' });
    expect(observe?.detail).to.equal(
      'not allowed: watch Node in tokyo; watch EndpointSlice in tokyo/default; watch Pod in tokyo/default; ' +
        'watch Pod in tokyo/ingress; watch Event in tokyo/default; watch Event in tokyo/ingress',
    );
  });
});
