import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import { restore, rewrite } from './rewrite.ts';
import { FakeCluster } from './testing/fake-cluster.ts';
import { errorOf } from './testing/steps.ts';

const REF = { ...KINDS.pod, namespace: 'default', name: 'one' };

function withPod(): FakeCluster {
  const cluster = new FakeCluster();
  cluster.add({ ...KINDS.pod, metadata: { name: 'one', namespace: 'default', labels: { n: '0' } } });
  return cluster;
}

const numbered = (cluster: FakeCluster) => cluster.all(KINDS.pod)[0]?.metadata.labels?.n;
const set = (value: string) => [{ op: 'replace', path: '/metadata/labels/n', value }] as const;

describe('rewrite', () => {
  it('writes what was decided, and nothing where there is nothing to write or no object', async () => {
    const cluster = withPod();
    await rewrite(cluster, REF, (object) => set(`${object?.metadata.labels?.n}1`));
    expect([numbered(cluster), cluster.writes]).to.deep.equal(['01', 1]);
    await rewrite(cluster, REF, () => []);
    await rewrite(cluster, { ...REF, name: 'two' }, () => set('2'));
    expect(cluster.writes).to.equal(1);
  });

  it('decides anew on what somebody else has written in between, and never over it', async () => {
    const cluster = withPod();
    let others = 2;
    cluster.before = ({ isWrite }) => {
      const [pod] = cluster.all(KINDS.pod);
      if (!isWrite || pod === undefined || others-- <= 0) return;
      cluster.add({ ...pod, metadata: { ...pod.metadata, labels: { n: `${pod.metadata.labels?.n}x` } } });
    };
    await rewrite(cluster, REF, (object) => set(`${object?.metadata.labels?.n}1`));
    expect([numbered(cluster), cluster.writes]).to.deep.equal(['0xx1', 3]);
  });

  it('gives up after some tries, and at once on any other error or when the decision throws', async () => {
    for (const [code, tries] of [
      ['FAULT_CONFLICT', 5],
      ['KUBE_API', 1],
    ] as const) {
      const cluster = withPod();
      cluster.before = ({ isWrite }) => {
        if (isWrite) throw new FaultlineError(code, 'no');
      };
      expect(await errorOf(rewrite(cluster, REF, () => set('1')))).to.equal(`${code}: no ()`);
      expect(cluster.writes).to.equal(tries);
    }
    const cluster = withPod();
    const decide = () => {
      throw new FaultlineError('FAULT_CONFLICT', 'decided');
    };
    expect(await errorOf(rewrite(cluster, REF, decide))).to.equal('FAULT_CONFLICT: decided ()');
    expect(cluster.requests).to.equal(1);
  });

  it('is no end of an undo before nothing is left to decide, whoever writes beside it', async () => {
    const cluster = withPod();
    const steps: string[] = [];
    cluster.after = ({ isWrite }) => {
      const [pod] = cluster.all(KINDS.pod);
      if (isWrite && pod !== undefined && steps.length === 1)
        cluster.add({ ...pod, metadata: { ...pod.metadata, labels: { n: 'a' } } });
    };
    const seen = await restore(cluster, REF, (object) => {
      const now = object?.metadata.labels?.n ?? '';
      steps.push(now);
      return now === 'z' ? [] : set('z');
    });
    expect([steps, seen?.metadata.labels]).to.deep.equal([['0', 'a', 'z'], { n: 'z' }]);
    cluster.after = () => {};
    expect(await errorOf(restore(cluster, REF, () => set('y')))).to.contain(
      'FAULT_CONFLICT: cluster tokyo: Pod default/one is changed all the time',
    );
  });
});
