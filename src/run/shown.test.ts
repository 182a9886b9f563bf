import { expect } from 'chai';
import { imageSwap } from '../faults/image-swap/index.ts';
import { FAULT_KINDS } from '../faults/index.ts';
import type { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { fakeContext, fakeSystem } from '../faults/testing/fake-system.ts';
import { STAGED_KINDS } from '../faults/testing/staged.ts';
import { planWith } from '../faults/testing/steps.ts';
import type { FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { TouchedObject } from '../model/history.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { credentialsOf } from '../model/told.ts';
import { recoverCluster } from './recover.ts';
import { shownObject, shownOutcome, warnedPlan } from './shown.ts';
import { BenchRun, SWAP } from './testing/bench-run.ts';
import { recoverPorts } from './testing/recover-ports.ts';
import { virtualClock } from './testing/virtual-clock.ts';

const DEPLOYMENT = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };
const COMMAND = ['/app', '--db-url=postgres://svc:dbSecretFF@db/x', '--password', 'pwSecretGG', '--token=tok'];
const SECRETS = /dbSecretFF|pwSecretGG|tok["\\]|colleagueHH/;

type Container = { image: string; command?: readonly string[] };

async function tell(cluster: FakeCluster, fields: Partial<Container>): Promise<void> {
  const object = (await cluster.get(DEPLOYMENT)) as KubeObject;
  const { spec } = object as unknown as { spec: { template: { spec: { containers: Container[] } } } };
  for (const container of spec.template.spec.containers) Object.assign(container, fields);
  cluster.put(object);
}

async function planned(): Promise<{ cluster: FakeCluster; plan: FaultPlan }> {
  const cluster = fakeSystem();
  await tell(cluster, { command: COMMAND });
  return { cluster, plan: warnedPlan(await planWith(imageSwap, cluster), 'drills') };
}

describe('what people are told of a fault', () => {
  it('warns in its plan of a credential that its object holds, and keeps what the undo needs', async () => {
    const { plan } = await planned();
    const [warning = '', ...others] = plan.warnings;
    expect(others).to.deep.equal([]);
    expect(warning)
      .to.contain(
        'Deployment default/mockb-ap-northeast-1a (image and command of container default) holds what looks like',
      )
      .and.contain('ConfigMap drills/faultline-run of cluster tokyo')
      .and.contain('Move it to a Secret');
    expect(JSON.stringify(plan.data)).to.contain('pwSecretGG');
    expect(JSON.stringify([plan.summary, plan.warnings, plan.deadMan])).to.not.match(SECRETS);
  });

  it('has a word of warning in no plan of what holds none', async () => {
    for (const kind of STAGED_KINDS) {
      const plan = await planWith(kind, fakeSystem());
      expect(credentialsOf(plan), kind.kind).to.deep.equal([]);
      expect(warnedPlan(plan, 'drills')).to.equal(plan);
    }
    expect(STAGED_KINDS).to.have.length(FAULT_KINDS.length);
  });

  it('has no credential of a run in what it says and closes, and all of it in the journal that it is undone from', async () => {
    const bench = new BenchRun();
    await tell(bench.cluster, { command: COMMAND });
    bench.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === 'undo')
        void tell(bench.cluster, { image: 'hotfix:1', command: ['/app', '--password', 'colleagueHH'] });
    };
    const planned = await bench.plan([SWAP]);
    await bench.execute(planned);
    expect(planned.faults[0]?.plan.warnings.join()).to.contain('ConfigMap default/faultline-run of cluster tokyo');
    expect(bench.steps()).to.include('swap undo-conflict');
    expect(JSON.stringify(bench.events)).to.not.match(SECRETS);
    const closed = bench.entries.filter(({ state }) => state === 'closed');
    expect(closed).to.have.length(1);
    expect(JSON.stringify(closed)).to.not.match(SECRETS);
    expect(JSON.stringify(bench.entries.find(({ state }) => state === 'intent'))).to.contain('pwSecretGG');
  });

  it('has no credential of a recovery, whoever has told it', async () => {
    const { cluster, plan } = await planned();
    await imageSwap.inject(plan, fakeContext(cluster));
    await tell(cluster, { image: 'hotfix:1', command: ['/app', '--password', 'colleagueHH'] });
    const ports = { ...recoverPorts(virtualClock(), new AbortController().signal), runId: plan.runId };
    const scope = { namespaces: ['default'], lockNamespace: 'default', kinds: [imageSwap] };
    const recovered = await recoverCluster(cluster, scope, [plan], { ...ports, faultKind: () => imageSwap });
    const [one] = recovered.undone;
    expect(one?.outcome.state).to.equal('conflict');
    expect(one?.outcome.detail).to.contain('["/app","--password","[redacted]"]');
    expect(JSON.stringify(recovered)).to.not.match(SECRETS);
    for (const command of one?.outcome.commands ?? []) expect(command).to.not.contain('[redacted]');
  });

  it('has the way to recover in place of a command that does not work without a credential', async () => {
    const { plan } = await planned();
    const outcome: UndoOutcome = {
      state: 'failed',
      detail: 'left: --password pwSecretGG',
      objects: plan.objects,
      commands: ['kubectl patch x -p \'{"a":"pwSecretGG"}\'', 'kubectl get x', 'app --token=tok'],
      keep: ['app --token=tok'],
    };
    const shown = shownOutcome(plan, outcome, 'faultline recover');
    expect(shown.commands).to.deep.equal(['faultline recover', 'kubectl get x']);
    expect(shown.keep).to.deep.equal(['faultline recover']);
    expect(shown.detail).to.contain('left: --password [redacted]; a command that holds a credential is not printed');
    expect(JSON.stringify(shown)).to.not.match(SECRETS);
  });

  it('says of values that differ in a credential alone that they do', () => {
    const field = (password: string) => JSON.stringify({ command: ['--password', password] });
    const object: TouchedObject = {
      ...{
        cluster: 'tokyo',
        kind: 'Deployment',
        namespace: 'default',
        name: 'db',
        change: 'command',
        state: 'put-back',
      },
      before: field('one'),
      during: field('one'),
      after: field('two'),
    };
    const { before, during, after } = shownObject(object);
    expect([before, during]).to.deep.equal([field('[redacted]'), field('[redacted]')]);
    expect(after).to.equal(`${field('[redacted]')} (another credential)`);
  });
});
