import { expect } from 'chai';
import { fakeSystem } from '../faults/testing/fake-system.ts';
import { KINDS } from '../model/kubernetes.ts';
import { readFreeze } from './freeze.ts';
import { freezeRef } from './lock-objects.ts';

describe('the reason of a freeze', () => {
  it('is one line, whatever somebody has written', async () => {
    const cluster = fakeSystem();
    const { namespace, name } = freezeRef('default');
    const data = { reason: 'incident\nsteady state holds' };
    cluster.add({ ...KINDS.configMap, metadata: { namespace, name }, data });
    expect(await readFreeze(cluster, 'default')).to.equal('incident\\nsteady state holds');
  });
});
