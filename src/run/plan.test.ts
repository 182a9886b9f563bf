import { expect } from 'chai';
import { faultKind } from '../faults/index.ts';
import { FaultlineError } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import { alteredCluster } from './testing/altered-cluster.ts';
import { BenchRun, BLACKHOLE, SWAP } from './testing/bench-run.ts';

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'planned';
  } catch (error) {
    return error instanceof FaultlineError ? `${error.code}: ${error.message}` : String(error);
  }
}

/** What a refusal says there is to do. */
const hintOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => (error instanceof FaultlineError ? error.hint : undefined),
  );

describe('plan', () => {
  it('names paths, objects and permissions and writes nothing', async () => {
    const bench = new BenchRun();
    const run = await bench.plan([SWAP, BLACKHOLE]);
    expect(run.topology.paths.map((path) => path.id)).to.deep.equal([
      'entry@tokyo/ap-northeast-1a',
      'entry@tokyo/ap-northeast-1b',
    ]);
    expect(run.faults.flatMap(({ plan }) => plan.objects.map((object) => object.kind))).to.deep.equal([
      'Deployment',
      'Job',
      'NetworkPolicy',
      'Pod',
    ]);
    expect(run.permissions.map((check) => `${check.verb} ${check.kind}`)).to.include.members([
      'patch Deployment',
      'delete NetworkPolicy',
      'delete ConfigMap',
    ]);
    expect(bench.cluster.writes).to.equal(0);
  });

  it('refuses namespaces that the target does not allow, and those that nobody may allow', async () => {
    const bench = new BenchRun();
    const target = {
      name: 'strict',
      namespaces: ['shop'],
      lockNamespace: 'default',
      observe: { namespaces: ['shop'] },
      clusters: [],
    };
    expect(await refusal(bench.plan([SWAP], target)))
      .to.contain('FAULT_REFUSED')
      .and.contain('namespace default');
    const system = { ...SWAP, spec: { ...SWAP.spec, namespace: 'kube-system', deployment: 'coredns' } };
    const [node] = [...bench.cluster.objects.values()].filter((object) => object.kind === 'Deployment');
    if (node === undefined) throw new Error('the fake has Deployments');
    bench.cluster.add({ ...node, metadata: { ...node.metadata, name: 'coredns', namespace: 'kube-system', uid: 'c' } });
    const everything = {
      name: 'open',
      namespaces: ['kube-system'],
      lockNamespace: 'default',
      observe: { namespaces: [] },
      clusters: [],
    };
    expect(await refusal(bench.plan([system], everything))).to.contain('namespace kube-system is never touched');
  });

  it('refuses a namespace that a fault only may touch later, and an expiry that ends inside the hold', async () => {
    const bench = new BenchRun();
    const wide = { ...BLACKHOLE, spec: { ...BLACKHOLE.spec, namespaces: ['default', 'kube-system'] } };
    expect(await refusal(bench.plan([wide]))).to.contain('namespace kube-system is never touched');
    const short = { ...BLACKHOLE, spec: { ...BLACKHOLE.spec, expiry: 70_000 } };
    expect(await refusal(bench.plan([short])))
      .to.contain('FAULT_REFUSED')
      .and.contain('expire after 1m10s');
    expect(await refusal(bench.plan([{ ...BLACKHOLE, spec: { ...BLACKHOLE.spec, expiry: 80_000 } }]))).to.equal(
      'planned',
    );
  });

  it('counts the waits of later faults into the time that an expiry must last', async () => {
    const lasting = (expiry: number) => ({ ...BLACKHOLE, afterMs: 0, spec: { ...BLACKHOLE.spec, expiry } });
    const later = { ...SWAP, afterMs: 30_000 };
    expect(await refusal(new BenchRun().plan([lasting(109_000), later]))).to.contain('expire after 1m49s');
    expect(await refusal(new BenchRun().plan([lasting(110_000), later]))).to.equal('planned');
  });

  it('refuses a stated Service that no cluster has, or that nobody observes, and reads nothing for any other', async () => {
    const bench = new BenchRun();
    const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', endpoints: [] };
    const labels = { 'kubernetes.io/service-name': 'shop-mockb' };
    bench.services = { mockb: 'default/shop-mockb' };
    expect(await refusal(bench.plan([SWAP]))).to.equal(
      'NAME_UNKNOWN: spec.services: mockb is said to be the Service default/shop-mockb, and no cluster of target bench has it',
    );
    bench.cluster.add({ ...slice, metadata: { name: 'shop-mockb-1', namespace: 'default', uid: 's', labels } });
    expect(await refusal(bench.plan([SWAP]))).to.equal('planned');
    bench.services = { mockb: 'shop/shop-mockb' };
    expect(await refusal(bench.plan([SWAP]))).to.contain('namespace shop is not observed');
    const target = {
      name: 'bench',
      namespaces: ['default'],
      lockNamespace: 'default',
      observe: { namespaces: ['default', 'edge'] },
      clusters: [],
    };
    expect(await hintOf(bench.plan([SWAP], target))).to.contain('Observed: default, edge. Add it under');
  });

  it('refuses a Service that a clause names and no cluster has, or not the one it names', async () => {
    const bench = new BenchRun();
    const labels = { 'kubernetes.io/service-name': 'api' };
    const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', endpoints: [] };
    bench.clauses = { ejections: [{ service: 'default/api:8080', atLeast: 1 }] };
    expect(await refusal(bench.plan([SWAP]))).to.equal(
      'NAME_UNKNOWN: spec.expect: default/api:8080 names the Service default/api, and no cluster of target bench has it',
    );
    bench.cluster.add({ ...slice, metadata: { name: 'api-1', namespace: 'default', uid: 's', labels } });
    expect(await refusal(bench.plan([SWAP]))).to.equal('planned');
    bench.clauses = { ejections: [{ service: 'mars/default/api', atLeast: 1 }] };
    expect(await refusal(bench.plan([SWAP]))).to.contain('and mars does not have it');
    bench.clauses = { ejections: [{ service: 'shop/api', atLeast: 1 }] };
    expect(await refusal(bench.plan([SWAP]))).to.contain('namespace shop is not observed');
  });

  it('plans with a stated Service of which a cluster does not let itself be asked', async () => {
    const bench = new BenchRun();
    bench.services = { mockb: 'default/shop-mockb' };
    const list: typeof bench.cluster.list = (kind, filter) =>
      filter.labelSelector?.startsWith('kubernetes.io/service-name') === true
        ? Promise.reject(new Error('forbidden'))
        : bench.cluster.list(kind, filter);
    bench.seen = new Proxy(bench.cluster, {
      get: (cluster, name) => {
        if (name === 'list') return list;
        const value: unknown = Reflect.get(cluster, name);
        return typeof value === 'function' ? value.bind(cluster) : value;
      },
    });
    expect(await refusal(bench.plan([SWAP]))).to.equal('planned');
  });

  it('names the clusters it knows when a fault names another', async () => {
    const bench = new BenchRun();
    const lost = { ...SWAP, spec: { ...SWAP.spec, cluster: 'osaka' } };
    expect(await refusal(bench.plan([lost])))
      .to.contain('NAME_UNKNOWN')
      .and.contain('osaka');
    expect(await hintOf(bench.plan([lost]))).to.equal('It has: tokyo');
  });

  it('says what a fault tells people to do in the cluster that it is about', async () => {
    const bench = new BenchRun();
    Object.assign(bench.cluster, { kubectl: { context: 'eks-tokyo' } });
    const failing = (hint?: string) => {
      const error = new FaultlineError('FAULT_REFUSED', 'no such pod', hint === undefined ? {} : { hint });
      bench.kinds = (kind) => ({ ...faultKind(kind), plan: () => Promise.reject(error) });
      return bench.plan([SWAP]);
    };
    expect(await hintOf(failing('kubectl get pods'))).to.equal('kubectl --context eks-tokyo get pods');
    expect(await refusal(failing('kubectl get pods'))).to.equal('FAULT_REFUSED: no such pod');
    expect(await refusal(failing())).to.equal('FAULT_REFUSED: no such pod');
    expect(await hintOf(failing())).to.equal(undefined);
  });

  it('says what to do about a fault in the context of its cluster', async () => {
    const bench = new BenchRun();
    bench.seen = alteredCluster(bench.cluster, { kubectl: { context: 'staging' } });
    const lost = { ...SWAP, spec: { ...SWAP.spec, deployment: 'lost' } };
    expect(await hintOf(bench.plan([lost]))).to.equal('kubectl --context staging -n default get deployments');
  });

  it('has the leases that the run would take, who holds them, and a freeze; nothing is written', async () => {
    const bench = new BenchRun();
    const leases = async () => (await bench.plan([SWAP])).leases;
    const place = { cluster: 'tokyo', namespace: 'default', name: 'faultline' };
    expect(await leases()).to.deep.equal([place]);
    bench.cluster.add({
      ...KINDS.lease,
      metadata: { namespace: 'default', name: 'faultline' },
      spec: { holderIdentity: 'run-1/a/1', acquireTime: '2026-11-22T08:00:00.000000Z' },
    });
    bench.cluster.add({ ...KINDS.configMap, metadata: { namespace: 'default', name: 'faultline-freeze' } });
    const held = 'run run-1 (process 1 on host a) holds it since 2026-11-22T08:00:00Z';
    expect(await leases()).to.deep.equal([{ ...place, held, frozen: 'no reason is given' }]);
    bench.cluster.before = ({ kind }) => {
      if (kind === 'Lease') throw new Error('403 no');
    };
    expect(await leases()).to.deep.equal([{ ...place, held: 'nobody could look: 403 no' }]);
    expect(bench.cluster.writes).to.equal(0);
  });
});
