import { expect } from 'chai';
import type { FaultPlan } from '../model/fault.ts';
import { undoTogether } from './undo-order.ts';

type Made = { readonly fault: string; readonly cluster: string; readonly name: string };

const planOf = ({ fault, cluster, name }: Made) =>
  ({ fault, cluster, objects: [{ kind: 'Deployment', namespace: 'default', name }] }) as unknown as FaultPlan;

/** When which undo has begun and ended, where each takes a turn; the undo of `failing` rejects. */
async function turns(faults: readonly Made[], failing?: string) {
  const steps: string[] = [];
  const undo = async ({ fault }: Made): Promise<string> => {
    steps.push(`begin ${fault}`);
    await Promise.resolve();
    steps.push(`end ${fault}`);
    if (fault === failing) throw new Error('no');
    return fault;
  };
  const results = await undoTogether(faults, planOf, undo).catch(({ message }: Error) => message);
  await new Promise((done) => setImmediate(done));
  return { steps, results };
}

describe('the order of undoing', () => {
  const first = { fault: 'first', cluster: 'tokyo', name: 'a' };
  const last = { ...first, fault: 'last' };

  it('is the reverse of injecting for the same object', async () => {
    expect(await turns([first, last])).to.deep.equal({
      steps: ['begin last', 'end last', 'begin first', 'end first'],
      results: ['last', 'first'],
    });
  });

  it('is none for another object, and none for one of the same name in another cluster', async () => {
    for (const other of [
      { ...last, name: 'b' },
      { ...last, cluster: 'osaka' },
    ]) {
      expect((await turns([first, other])).steps).to.deep.equal(['begin last', 'begin first', 'end last', 'end first']);
    }
  });

  it('goes on to the next one where one was not to be had', async () => {
    const { steps, results } = await turns([first, last], 'last');
    expect([steps.slice(2), results]).to.deep.equal([['begin first', 'end first'], 'no']);
  });
});
