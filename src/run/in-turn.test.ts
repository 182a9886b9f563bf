import { expect } from 'chai';
import { InTurn } from './in-turn.ts';

/** Work whose rounds have begun, each to be ended from outside. */
function inRounds() {
  const rounds: PromiseWithResolvers<void>[] = [];
  const work = new InTurn(() => {
    const round = Promise.withResolvers<void>();
    rounds.push(round);
    return round.promise;
  });
  return { work, rounds };
}

describe('work that is done in turn', () => {
  it('is done once more for all who ask while it goes on, and never twice at once', async () => {
    const { work, rounds } = inRounds();
    const ended: string[] = [];
    const ask = (who: string) => work.ask().then(() => ended.push(who));
    const all = [ask('first'), ask('second'), ask('third')];
    expect(rounds).to.have.length(1);
    rounds[0]?.resolve();
    await all[0];
    await new Promise((resolve) => setImmediate(resolve));
    expect([rounds.length, ended]).to.deep.equal([2, ['first']]);
    all.push(ask('fourth'));
    rounds[1]?.resolve();
    await Promise.all(all.slice(0, 3));
    await new Promise((resolve) => setImmediate(resolve));
    expect([rounds.length, ended]).to.deep.equal([3, ['first', 'second', 'third']]);
    rounds[2]?.resolve();
    await Promise.all(all);
    expect(ended.at(-1)).to.equal('fourth');
  });

  it('is waited for to the end of all that was asked for', async () => {
    const { work, rounds } = inRounds();
    await work.idle();
    let isIdle = false;
    const asked = [work.ask(), work.ask()];
    const idle = work.idle().then(() => {
      isIdle = true;
    });
    for (const at of [0, 1]) {
      await new Promise((resolve) => setImmediate(resolve));
      expect(isIdle, `round ${at}`).to.equal(false);
      rounds[at]?.resolve();
      await asked[at];
    }
    await idle;
    expect(rounds).to.have.length(2);
  });
});
