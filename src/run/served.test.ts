import { expect } from 'chai';
import { fakeSystem } from '../faults/testing/fake-system.ts';
import { KINDS } from '../model/kubernetes.ts';
import { onceIdentified } from './served.ts';

describe('a cluster that is asked only when it is the one that is meant', () => {
  it('is identified with the first question, once', async () => {
    let identified = 0;
    const cluster = fakeSystem();
    const served = onceIdentified('hangzhou', async () => {
      identified++;
      return cluster;
    });
    expect([served.name, identified]).to.deep.equal(['hangzhou', 0]);
    expect(await served.list(KINDS.node, {})).to.deep.equal(await cluster.list(KINDS.node, {}));
    await served.list(KINDS.pod, { namespace: 'default' });
    expect(identified).to.equal(1);
  });

  it('answers nothing where it is another one', async () => {
    const served = onceIdentified('hangzhou', () => Promise.reject(new Error('it is another one')));
    const said = (asked: Promise<unknown>) => asked.catch(({ message }: Error) => message);
    expect(await said(served.list(KINDS.node, {}))).to.equal('it is another one');
    expect(
      await said(
        served.proxyAdmin({ namespace: 'default', pod: 'web-0' }, new AbortController().signal).get('/clusters'),
      ),
    ).to.equal('it is another one');
  });
});
