import { expect } from 'chai';
import { FAULT_KINDS, faultKind } from '../faults/index.ts';
import { readyPod } from '../faults/testing/fake-controllers.ts';
import { FaultlineError } from '../model/errors.ts';
import type { Permission } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { FaultSpec } from '../model/scenario.ts';
import type { Target } from '../model/target.ts';
import { dropPlans, writeClusterJournal } from './cluster-journal.ts';
import { checkCluster, deniedToKind, missingPermissions, permissionText, requirePermissions } from './permissions.ts';
import type { PermissionCheck, PlannedRun } from './planned-run.ts';
import { recoverCluster } from './recover.ts';
import { type AskedCluster, askedCluster } from './testing/asked-cluster.ts';
import { asked, BenchRun, BLACKHOLE, HERE, KILL, SWAP } from './testing/bench-run.ts';
import { kobeCluster } from './testing/copied.ts';

const TARGET: Target = {
  name: 'staging',
  clusters: [],
  namespaces: ['default', 'shop'],
  lockNamespace: 'default',
  observe: {
    namespaces: ['default'],
    gateways: [{ namespace: 'ingress', selector: { app: 'gateway' } }],
  },
};

function describeNeed({ verb, kind, subresource, namespace, name }: Permission): string {
  return [verb, subresource === undefined ? kind : `${kind}/${subresource}`, name, `in ${namespace}`].join(' ');
}

const covers = (granted: Permission, asked: Permission): boolean =>
  granted.verb === asked.verb &&
  granted.apiVersion === asked.apiVersion &&
  granted.kind === asked.kind &&
  granted.subresource === asked.subresource &&
  granted.namespace === asked.namespace &&
  (granted.name === undefined || granted.name === asked.name);

/** A bench whose gateway is found by its Service and whose proxies can be read. */
function bench(): { bench: BenchRun; api: AskedCluster } {
  const made = new BenchRun();
  const proxies = { containers: [{ name: 'istio-proxy', image: 'proxyv2:1.31.0' }] };
  made.cluster.add(readyPod('mocka', 'node-ap-northeast-1a', 'sidecar', proxies));
  const other = readyPod('mockc', 'node-ap-northeast-1b', 'other', proxies);
  made.cluster.add({ ...other, metadata: { ...other.metadata, namespace: 'shop' } });
  const gateway = readyPod('gateway', 'node-ap-northeast-1a', 'gateway', proxies);
  made.cluster.add({ ...gateway, metadata: { ...gateway.metadata, namespace: 'ingress', labels: { app: 'gateway' } } });
  made.cluster.add({
    ...KINDS.service,
    metadata: { namespace: 'ingress', name: 'nlb' },
    status: { loadBalancer: { ingress: [{ ip: '127.0.0.1' }] } },
  });
  made.gateways = [
    {
      zone: 'ap-northeast-1a',
      address: { kind: 'service', protocol: 'http', namespace: 'ingress', name: 'nlb', port: 80 },
    },
  ];
  const api = askedCluster(made.cluster);
  made.seen = api.cluster;
  return { bench: made, api };
}

async function planned(...faults: FaultSpec[]): Promise<PlannedRun> {
  return bench().bench.plan(faults, TARGET);
}

describe('the permissions of a plan', () => {
  const cases: Record<string, FaultSpec[]> = {
    'a swapped image': [SWAP],
    'a cut off zone': [{ ...BLACKHOLE, spec: { ...BLACKHOLE.spec, namespaces: ['default', 'shop'] } }],
    'killed pods': [KILL],
    'nothing at all': [{ ...SWAP, kind: 'noop' }],
    'killed pods of a Deployment': [{ ...KILL, spec: { ...SWAP.spec, count: 1, gracePeriod: 0 } }],
  };

  it('hold no DestinationRules where no clause speaks of subsets', async () => {
    const [open] = (await planned(SWAP)).clusters.values();
    if (open === undefined) throw new Error('the run has a cluster');
    const observed = async (...bySubset: [] | [boolean]) =>
      (await checkCluster(open, TARGET, [], ...bySubset.map((one) => ({ bySubset: one }))))
        .filter(({ purpose }) => purpose === 'observe')
        .map(describeNeed);
    expect(await observed()).to.deep.equal(await observed(false));
    expect(await observed(true)).to.include('watch DestinationRule  in default');
  });

  for (const [title, faults] of Object.entries(cases)) {
    it(`are all that the run, its undo and recover ask of the API, and no more: ${title}`, async () => {
      const { bench: made, api } = bench();
      const run = await made.plan(faults, TARGET);
      expect(await made.execute(run)).to.deep.equal({ status: 'completed' });
      await recovered(made, run, undefined);
      const asked = [...api.asked, ...(await askedInTrouble(faults))];
      const beyond = asked.filter((one) => !run.permissions.some((check) => covers(check, one)));
      expect([...new Set(beyond.map(describeNeed))], 'asked and not in the plan').to.deep.equal([]);
      const unused = run.permissions.filter((check) => !asked.some((one) => covers(check, one)));
      expect(unused.map(describeNeed), 'in the plan and never asked').to.deep.equal([]);
    });

    it(`are enough for a run that may not observe anything: ${title}`, async () => {
      const { permissions } = await planned(...faults);
      const { bench: made, api } = bench();
      api.allows = (one) => permissions.some((check) => check.purpose === 'run' && covers(check, one));
      const before = besidePods(made);
      const run = await made.plan(faults, TARGET);
      expect(await made.execute(run)).to.deep.equal({ status: 'completed' });
      const { undone, leftovers, problems } = await recovered(made, run, run.runId);
      expect(undone.map(({ outcome }) => outcome.state)).to.deep.equal(['undone']);
      expect([leftovers, problems]).to.deep.equal([[], []]);
      expect(besidePods(made)).to.deep.equal(before);
    });
  }

  /** The cluster without its pods, which come and go. */
  function besidePods({ cluster }: BenchRun): unknown[] {
    return (cluster.snapshot() as { kind: string }[]).filter(({ kind }) => kind !== 'Pod');
  }

  /** What a run asks whose writes on pods are all refused: it has to look what became of them. And where one of several faults is left. */
  async function askedInTrouble(faults: FaultSpec[]): Promise<Permission[]> {
    const { bench: made, api } = bench();
    const run = await made.plan(faults, TARGET);
    api.allows = (one) => !(one.verb === 'patch' && one.kind === 'Pod');
    await made.execute(run);
    const plans = run.faults.map(({ plan }) => plan);
    made.cluster.objects.delete('ConfigMap default/faultline-run');
    await writeClusterJournal(made.seen, 'default', run.runId, plans);
    await dropPlans(made.seen, 'default', run.runId, () => true);
    return api.asked;
  }

  /** Recovers the run of a journal, or whatever any run may have left. */
  function recovered(made: BenchRun, run: PlannedRun, runId: string | undefined) {
    const plans = run.faults.map(({ plan }) => plan);
    const ports = {
      clock: made.clock,
      faultKind: made.kinds,
      runId,
      signal: made.stop.signal,
      holder: 'recover-1/bench/1',
      over: new AbortController().signal,
      recoverFrom: HERE,
      say: () => {},
    };
    const kinds = runId === undefined ? FAULT_KINDS : run.faults.map(({ kind }) => kind);
    return recoverCluster(made.seen, { namespaces: TARGET.namespaces, lockNamespace: 'default', kinds }, plans, ports);
  }

  const only = (granted: (verb: string, kind: string) => boolean) => async () => {
    const { bench: made } = bench();
    const can: Cluster['can'] = async (verb, { kind }) => granted(verb, kind);
    Object.assign(made.cluster, { can });
    return made.plan([SWAP], TARGET);
  };

  it('hold for every cluster the look for what its faults mark in another one, a kind that only a block names as well', async () => {
    const made = new BenchRun();
    const kobe = askedCluster(kobeCluster());
    made.others = [kobe.cluster];
    const object = { apiVersion: 'chaos.example/v1', kind: 'Chaos', metadata: { namespace: 'default', name: 'x' } };
    const spec = { cluster: 'tokyo', object, hits: { app: 'mocka' }, effect: 'stops-serving', expiry: 900_000 };
    const run = await made.plan([asked({ name: 'chaos', kind: 'manifest', afterMs: 0, spec })], TARGET);
    const { length } = kobe.asked;
    expect(await made.execute(run)).to.deep.equal({ status: 'completed' });
    const lists = kobe.asked.slice(length).filter(({ verb, kind }) => verb === 'list' && kind === 'Chaos');
    expect(lists.map(({ namespace }) => namespace)).to.include.members(TARGET.namespaces);
    const ofKobe = run.permissions.filter(({ cluster }) => cluster === 'kobe');
    const beyond = kobe.asked.filter((one) => !ofKobe.some((check) => covers(check, one)));
    expect(beyond.map(describeNeed)).to.deep.equal([]);
    const purposes = ofKobe.filter(({ kind }) => kind === 'Chaos').map(({ verb, purpose }) => `${verb} ${purpose}`);
    expect([...new Set(purposes)]).to.deep.equal(['list scan']);
  });

  it('refuse a run that could not put back what it does, with everything that is missing', async () => {
    const run = await only((verb, kind) => kind !== 'ConfigMap' && verb !== 'patch')();
    expect(() => requirePermissions(run)).to.throw(
      'the API does not allow: patch Lease faultline in tokyo/default; get ConfigMap faultline-freeze in tokyo/default; ' +
        'get ConfigMap faultline-run in tokyo/default; patch Deployment in tokyo/default; ' +
        'create ConfigMap in tokyo/default; patch ConfigMap faultline-run in tokyo/default; delete ConfigMap faultline-run in tokyo/default',
    );
  });

  it('refuse a run of which nobody could say whether it leaves a pod to every service', async () => {
    const run = await only((_, kind) => kind !== 'EndpointSlice')();
    expect(() => requirePermissions(run))
      .to.throw(FaultlineError, 'the API does not allow: list EndpointSlice in tokyo/default')
      .with.property('code', 'PERMISSION_DENIED');
  });

  it('let a run go on that only sees less', async () => {
    const run = await only((verb) => verb !== 'watch')();
    requirePermissions(run);
    expect(missingPermissions(run.permissions)).to.deep.equal([]);
    expect(run.permissions.filter(({ allowed }) => !allowed).map(permissionText)).to.deep.equal([
      'watch Node in tokyo',
      'watch EndpointSlice in tokyo/default',
      'watch Pod in tokyo/default',
      'watch Pod in tokyo/ingress',
      'watch Event in tokyo/default',
      'watch Event in tokyo/ingress',
    ]);
  });

  it('are not of kinds that a cluster does not know, where the run can do without', async () => {
    const { bench: made } = bench();
    const { cluster } = made;
    const without = (kind: string) => {
      cluster.can = async (_verb, asked) => {
        if (asked.kind === kind) throw new FaultlineError('KIND_NOT_SERVED', 'no');
        return true;
      };
      return made.plan([KILL], TARGET);
    };
    const kinds = (await without(KINDS.envoyFilter.kind)).permissions.map(({ kind }) => kind);
    expect(kinds).to.include(KINDS.pod.kind).and.not.include(KINDS.envoyFilter.kind);
    expect(kinds, 'nothing stands in their place').to.not.include(undefined);
    const end = await without(KINDS.configMap.kind).catch((error: FaultlineError) => error.code);
    expect(end).to.equal('KIND_NOT_SERVED');
  });

  it('are each told with what they are for', async () => {
    const { permissions } = await planned(SWAP);
    const purposes = (wanted: string) =>
      new Set(permissions.flatMap(({ kind, purpose }) => (kind === wanted ? [purpose] : [])));
    expect([...purposes('Lease')]).to.deep.equal(['run']);
    expect([...purposes('NetworkPolicy')]).to.deep.equal(['scan']);
    expect([...purposes('Event')]).to.deep.equal(['observe']);
    expect([...purposes('Sidecar')]).to.deep.equal(['predict']);
  });

  it('are each asked for once', async () => {
    const { permissions } = await planned(SWAP, BLACKHOLE, KILL);
    const texts = permissions.map((check: PermissionCheck) => permissionText(check));
    expect(texts).to.have.length(new Set(texts).size);
    expect(texts).to.include('get Pod/proxy in tokyo/ingress').and.include('list Pod in tokyo/istio-system');
  });

  it('can be asked for a kind of fault before there is a plan', async () => {
    const { cluster } = new BenchRun();
    expect(await deniedToKind(cluster, TARGET, faultKind('podKill'))).to.deep.equal([]);
    cluster.allows = (verb, { kind }, namespace) => verb !== 'delete' && kind !== 'Node' && namespace !== 'shop';
    expect(await deniedToKind(cluster, TARGET, faultKind('podKill'))).to.deep.equal([
      'list Pod in tokyo/shop',
      'create Pod/eviction in tokyo/shop',
      'list PodDisruptionBudget in tokyo/shop',
      'list Node in tokyo',
      'delete ConfigMap faultline-run in tokyo/default',
    ]);
  });
});
