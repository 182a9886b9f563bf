import { expect } from 'chai';
import { FAULT_KINDS, faultKind } from '../faults/index.ts';
import { stageOn } from '../faults/testing/conformance/stage.ts';
import { fakeContext, fakeSystem } from '../faults/testing/fake-system.ts';
import { FaultlineError } from '../model/errors.ts';
import { KINDS, type KubeKind, RUN_LABEL } from '../model/kubernetes.ts';
import { searchBeyond } from './beyond.ts';
import { recoverCluster } from './recover.ts';
import { HERE } from './testing/bench-run.ts';

const SCOPE = { namespaces: ['shop'], lockNamespace: 'default', kinds: FAULT_KINDS };
const LEFT = { name: 'swapped', namespace: 'bank', labels: { [RUN_LABEL]: 'one' } };

/** A cluster in whose namespace `bank`, which no targets file lists, a run has left something. */
function littered() {
  const cluster = fakeSystem();
  for (const name of ['bank', 'default', 'shop']) cluster.add({ ...KINDS.namespace, metadata: { name } });
  cluster.add({ ...KINDS.deployment, metadata: LEFT });
  cluster.add({ ...KINDS.job, metadata: { ...LEFT, namespace: 'shop' } });
  return cluster;
}

const refs = ({ leftovers }: Awaited<ReturnType<typeof searchBeyond>>) => leftovers.map(({ ref }) => ref);
const denied =
  (kinds: readonly KubeKind[]) =>
  (_: string, { kind }: KubeKind, namespace: string) =>
    namespace !== '' || !kinds.some((one) => one.kind === kind);

describe('a search beyond the namespaces of a targets file', () => {
  it('finds what a run has left in any other, by label and inside of objects, and nothing twice', async () => {
    const cluster = littered();
    const found = await searchBeyond(cluster, SCOPE, undefined);
    expect([refs(found), found.unread]).to.deep.equal([['bank/deployment/swapped'], undefined]);
    expect(found.leftovers[0]?.command).to.equal(`kubectl -n bank label deployment/swapped ${RUN_LABEL}-`);
    expect(refs(await searchBeyond(cluster, SCOPE, 'two'))).to.deep.equal([]);
    const { cluster: cut } = await stageOn(faultKind('podNetwork'));
    const inside = refs(await searchBeyond(cut, SCOPE, undefined)).filter((ref) => ref.startsWith('default/pod/'));
    expect(inside).to.have.length(1);
  });

  it('names what it may not list, and where', async () => {
    const cluster = littered();
    cluster.allows = denied([KINDS.deployment, KINDS.pod]);
    const found = await searchBeyond(cluster, SCOPE, undefined);
    expect(refs(found)).to.deep.equal([]);
    expect(found.unread).to.deep.equal({
      kinds: ['deployment', 'pod'],
      answers: {},
      namespaces: ['bank', 'default'],
    });
    cluster.allows = denied([KINDS.deployment, KINDS.namespace]);
    expect((await searchBeyond(cluster, SCOPE, undefined)).unread).to.deep.equal({
      kinds: ['deployment'],
      answers: {},
      namespaces: undefined,
    });
  });

  it('asks for nothing that it is not allowed, and takes a kind that is not served for one that nothing is left of', async () => {
    const cluster = littered();
    cluster.allows = denied([KINDS.deployment, KINDS.namespace]);
    const asked = new Set<string>();
    cluster.before = ({ kind }) => {
      asked.add(kind);
      if (kind === KINDS.rollout.kind) throw new FaultlineError('KIND_NOT_SERVED', 'no such kind');
      if (kind === KINDS.job.kind) throw new FaultlineError('KUBE_API', 'the answer is too long');
    };
    const { unread } = await searchBeyond(cluster, SCOPE, undefined);
    expect([...asked])
      .to.not.include.members([KINDS.deployment.kind])
      .and.not.include(KINDS.namespace.kind);
    expect(unread?.kinds).to.deep.equal(['deployment', 'job']);
    expect(unread?.answers, 'not allowed is no answer').to.deep.equal({ job: 'the answer is too long' });
  });

  it('of a recovery touches nothing there, and is not clean while something is left', async () => {
    const cluster = littered();
    cluster.objects.delete('Job shop/swapped');
    cluster.add({ ...KINDS.node, metadata: { name: 'drained', labels: { [RUN_LABEL]: 'one' } } });
    const { clock } = fakeContext(cluster);
    const holder = 'recover/host/1';
    const common = {
      clock,
      holder,
      faultKind,
      over: new AbortController().signal,
      recoverFrom: HERE,
      signal: new AbortController().signal,
    };
    const ports = { ...common, runId: undefined, say: () => {} };
    const wide = await recoverCluster(cluster, { ...SCOPE, isWide: true }, [], ports);
    const everywhere = ['node/drained', 'bank/deployment/swapped'];
    expect(
      wide.leftovers.map(({ ref }) => ref),
      'what is in no namespace once',
    ).to.deep.equal(everywhere);
    expect(wide.beyond?.unread).to.equal(undefined);
    expect(cluster.writes).to.equal(0);
    const narrow = await recoverCluster(cluster, SCOPE, [], ports);
    expect([narrow.leftovers.map(({ ref }) => ref), narrow.beyond]).to.deep.equal([['node/drained'], undefined]);
  });
});
