import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { zoneBlackhole } from '../faults/zone-blackhole/index.ts';
import { openCluster } from '../kube/kubeconfig.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultContext, FaultPlan } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import { findLeftovers } from '../run/leftovers.ts';
import { systemClock } from '../run/system-clock.ts';
import { at, ensureMap } from './api/json.ts';
import { SandboxUnderTest } from './testing/sandbox-under-test.ts';
import { until } from './testing/until.ts';

const ZONE = 'ap-northeast-1a';
const clock: Clock = systemClock;

describe('a zone blackhole in the sandbox', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-ephemeral-'));
  let test: SandboxUnderTest;
  let cluster: Cluster;
  let context: FaultContext;

  beforeEach(async () => {
    test = await SandboxUnderTest.start();
    cluster = clusterOf(test.sandbox.kubeconfig);
    const signal = new AbortController().signal;
    context = { runId: 'run-1', cluster, clock, now: () => clock.now(), signal, onAffected: () => {} };
  });
  afterEach(async () => test.sandbox.close());
  after(() => rmSync(folder, { recursive: true }));

  function clusterOf(text: string): Cluster {
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, text);
    return openCluster({ name: 'tokyo', region: 'r', kubeconfig, context: 'tokyo', gateways: [] }, clock);
  }

  const planOf = (fields: object = {}): Promise<FaultPlan> => {
    const block = { cluster: 'tokyo', zone: ZONE, namespaces: ['default'], image: 'i:1', expiry: 600_000, ...fields };
    return zoneBlackhole.plan({ name: 'hole', spec: block }, context);
  };
  const cutIn = (deployment: string): boolean => {
    const [name = ''] = test.podNames(deployment);
    const pod = test.store().get({ ...KINDS.pod, namespace: 'default', name });
    return at(pod, 'status', 'ephemeralContainerStatuses', 0, 'state', 'running') !== undefined;
  };
  const left = async () =>
    (await findLeftovers(cluster, { namespaces: ['default'], lockNamespace: 'default' })).map(({ ref }) => ref);
  const codeOf = (step: Promise<unknown>) =>
    step.then(
      () => 'none',
      (error: unknown) => (error instanceof FaultlineError ? `${error.code}: ${error.message}` : String(error)),
    );

  it('drops every packet of the zone, shows it in its counters, and is undone by a command in each pod', async () => {
    expect(await test.chain(ZONE)).to.equal(`${ZONE} ${ZONE} ${ZONE}`);
    const plan = await planOf({ selector: { app: 'mockb' } });
    await zoneBlackhole.inject(plan, context);
    await until('the rules are there', () => cutIn(`mockb-${ZONE}`));
    expect(await codeOf(test.ask(ZONE, 300)), 'a call on a kept connection hangs').to.not.equal('none');
    const proof = await zoneBlackhole.prove(plan, context);
    expect(proof, proof.detail).to.include({ proven: true, observed: true });
    const outcome = await zoneBlackhole.undo(plan, context);
    expect(outcome.state, outcome.detail).to.equal('undone');
    expect(outcome.detail).to.match(/dropped [1-9]\d* packets/);
    expect(await left(), 'a container that has ended is no leftover').to.deep.equal([]);
    expect(await test.chain(ZONE)).to.equal(`${ZONE} ${ZONE} ${ZONE}`);
    const [pod = ''] = test.podNames(`mockb-${ZONE}`);
    expect(JSON.stringify(test.store().get({ ...KINDS.pod, namespace: 'default', name: pod })?.status))
      .to.contain('"exitCode":0')
      .and.contain('-j DROP');
  });

  it('ends by itself when its time is over, with no runner', async () => {
    const plan = await planOf({ selector: { app: 'mockb' }, expiry: 1_000 });
    await zoneBlackhole.inject(plan, context);
    await until('it is on', async () => (await left()).length === 1);
    await until('it is over', async () => (await left()).length === 0);
    expect(await test.chain(ZONE)).to.equal(`${ZONE} ${ZONE} ${ZONE}`);
    expect((await zoneBlackhole.undo(plan, context)).state).to.equal('undone');
  });

  it('cuts off pods that come later', async () => {
    const plan = await planOf({ selector: { app: 'mockb' } });
    await zoneBlackhole.inject(plan, context);
    const ending = new AbortController();
    const sustained = zoneBlackhole.sustain?.(plan, { ...context, signal: ending.signal });
    test.scale(`mockb-${ZONE}`, 2);
    await until('both are cut off', async () => (await left()).length === 2);
    ending.abort();
    await sustained;
    expect((await zoneBlackhole.undo(plan, context)).state).to.equal('undone');
    expect(await left()).to.deep.equal([]);
  });

  it('is refused by the plan where PodSecurity forbids it, and nothing is written', async () => {
    for (const level of ['baseline', 'restricted']) {
      test.change(
        KINDS.namespace,
        'default',
        (namespace) => {
          const labels = ensureMap(ensureMap(namespace, 'metadata'), 'labels');
          labels['pod-security.kubernetes.io/enforce'] = level;
        },
        { namespace: '' },
      );
      expect(await codeOf(planOf())).to.match(new RegExp(`^FAULT_REFUSED: .*violates PodSecurity "${level}:latest"`));
    }
    expect(JSON.stringify(test.store().list(KINDS.pod))).to.not.contain('ephemeralContainers');
  });

  it('is told what it may not do, and what could not be run', async () => {
    const [pod = ''] = test.podNames(`mockb-${ZONE}`);
    const where = { namespace: 'default', pod, container: 'default' };
    expect(await codeOf(cluster.exec(where, ['true']))).to.match(/^KUBE_API: .*runs no commands in it/);
    expect(await codeOf(cluster.exec({ ...where, container: 'no' }, ['true']))).to.match(/^KUBE_API: .*400/);
    expect(await codeOf(cluster.exec({ ...where, pod: 'gone' }, ['true']))).to.match(/^KUBE_API: .*404/);
    for (const verb of ['get', 'create']) {
      const role = { rules: [{ verbs: [verb], apiGroups: [''], resources: ['pods/exec'] }] };
      const weak = clusterOf(test.sandbox.addUser(verb, { tokyo: [role] }).kubeconfig);
      expect(await codeOf(weak.exec(where, ['true'])), verb).to.match(/^PERMISSION_DENIED: .*403/);
    }
  });

  it('runs commands to their exit code, with what they wrote', async () => {
    const plan = await planOf({ selector: { app: 'mockb' } });
    await zoneBlackhole.inject(plan, context);
    await until('it runs', async () => (await zoneBlackhole.prove(plan, context)).proven);
    const [pod = ''] = test.podNames(`mockb-${ZONE}`);
    const container = plan.objects[0]?.change.split(' ').at(-1) ?? '';
    const run = (script: string) => cluster.exec({ namespace: 'default', pod, container }, ['sh', '-c', script]);
    expect(await run('echo out; exit 7')).to.deep.equal({ code: 7, stdout: 'out\n', stderr: '' });
    expect(await run('nothing')).to.deep.equal({ code: 127, stdout: '', stderr: 'nothing: not found\n' });
    expect((await run(`echo ${'x'.repeat(300)}`)).stdout).to.have.length(301);
  });

  it('takes none of its entries out and changes none', async () => {
    const plan = await planOf({ selector: { app: 'mockb' } });
    await zoneBlackhole.inject(plan, context);
    const [name = ''] = test.podNames(`mockb-${ZONE}`);
    const ref = { ...KINDS.pod, subresource: 'ephemeralcontainers', namespace: 'default', name };
    const first = '/spec/ephemeralContainers/0';
    expect(await codeOf(cluster.patch(ref, [{ op: 'remove', path: first }]))).to.contain('may not be removed');
    expect(await codeOf(cluster.patch(ref, [{ op: 'replace', path: `${first}/image`, value: 'x' }]))).to.contain(
      'may not be changed',
    );
    const twice = { name: 'default', image: 'i', ports: [] };
    expect(await codeOf(cluster.patch(ref, [{ op: 'add', path: '/spec/ephemeralContainers/-', value: twice }])))
      .to.contain('Duplicate value: "default"')
      .and.contain('cannot be set for an Ephemeral Container');
    const plain = { ...KINDS.pod, namespace: 'default', name };
    expect(await codeOf(cluster.patch(plain, [{ op: 'remove', path: '/spec/ephemeralContainers' }]))).to.contain(
      'pod updates may not change fields',
    );
    await zoneBlackhole.undo(plan, context);
  });
});
