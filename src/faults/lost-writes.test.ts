import { expect } from 'chai';
import { apiError } from '../kube/api-error.ts';
import { FaultlineError } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import { watchWrites } from './lost-writes.ts';
import { FakeCluster } from './testing/fake-cluster.ts';

const REF = { ...KINDS.deployment, namespace: 'default', name: 'one' };
const status = (code: number) => apiError('tokyo', { method: 'PATCH', what: 'patch' }, { status: code, text: 'no' });

/** What is taken for lost after writes that end with this error. */
async function lostAfter(error: Error, versions: readonly string[] = ['7']) {
  const cluster = new FakeCluster();
  cluster.before = () => {
    throw error;
  };
  const watched = watchWrites(cluster, () => 5);
  for (const value of versions) {
    const ops = [{ op: 'test', path: '/metadata/resourceVersion', value }] as const;
    await watched.cluster.patch(REF, ops).catch(() => {});
  }
  return watched.lost();
}

describe('a lost write', () => {
  it('is one that may have been done: no answer, one that cannot be read, and errors of the server itself', async () => {
    const unread = new FaultlineError('KUBE_API', 'the answer is not JSON');
    const none = new FaultlineError('TARGET_UNREACHABLE', 'no answer');
    for (const error of [none, unread, new Error('reset'), ...[408, 500, 502, 503, 504].map(status)]) {
      const lost = await lostAfter(error);
      expect(lost, error.message).to.deep.equal([{ verb: 'patch', ref: REF, version: '7', at: 5 }]);
    }
  });

  it('is none that the server has refused', async () => {
    for (const code of [400, 401, 403, 404, 409, 422, 429]) {
      expect(await lostAfter(status(code)), String(code)).to.deep.equal([]);
    }
  });

  it('is none that was only tried, since that stores nothing', async () => {
    const cluster = new FakeCluster();
    cluster.before = () => {
      throw new Error('reset');
    };
    const watched = watchWrites(cluster, () => 5);
    const { namespace, name, ...kind } = REF;
    await watched.cluster.create({ ...kind, metadata: { namespace, name } }, { dryRun: true }).catch(() => {});
    await watched.cluster.patch(REF, [], { dryRun: true }).catch(() => {});
    expect([cluster.requests, watched.lost()]).to.deep.equal([2, []]);
  });

  it('is told with what it was to do', async () => {
    const cluster = new FakeCluster();
    cluster.before = () => {
      throw new Error('reset');
    };
    const watched = watchWrites(cluster, () => 5);
    const { namespace, name, ...kind } = REF;
    await watched.cluster.create({ ...kind, metadata: { namespace, name } }).catch(() => {});
    await watched.cluster.delete(REF).catch(() => {});
    expect(watched.lost()).to.deep.equal([
      { verb: 'create', ref: REF, version: undefined, at: 5 },
      { verb: 'delete', ref: REF, version: undefined, at: 5 },
    ]);
  });

  it('is meant for the object that it tests', async () => {
    const cluster = new FakeCluster();
    cluster.before = () => {
      throw new Error('reset');
    };
    const watched = watchWrites(cluster, () => 5);
    await watched.cluster.patch(REF, [{ op: 'test', path: '/metadata/uid', value: 'u' }]).catch(() => {});
    expect(watched.lost()).to.deep.equal([{ verb: 'patch', ref: REF, version: undefined, uids: ['u'], at: 5 }]);
  });

  it('stands once for each object, as the latest was sent', async () => {
    const versions = (await lostAfter(status(504), ['7', '8'])).map(({ version }) => version);
    expect(versions).to.deep.equal(['8']);
  });
});
