import { expect } from 'chai';
import { KINDS } from '../model/kubernetes.ts';
import { goneCluster } from './gone-cluster.ts';

describe('a cluster that is gone', () => {
  const cluster = goneCluster({ name: 'tokyo', region: 'ap-northeast-1' });

  it('holds nothing, and has nothing to delete', async () => {
    const ref = { ...KINDS.pod, namespace: 'default', name: 'x' };
    expect([await cluster.get(ref), await cluster.list(KINDS.pod, {}), await cluster.delete(ref)]).to.deep.equal([
      undefined,
      [],
      undefined,
    ]);
  });

  it('takes nothing, and says why', async () => {
    const refused = await cluster.create({ ...KINDS.pod, metadata: {} }).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'TARGET_UNREACHABLE', message: 'cluster tokyo is gone' });
  });
});
