import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { manualClock } from '../testing/controllers-harness.ts';
import { createQueue } from './queue.ts';

describe('work queue', () => {
  it('works on a key once however often it is added, and never inside add', async () => {
    const seen: string[] = [];
    const queue = createQueue({ clock: manualClock(), work: (key) => void seen.push(key) });
    queue.add('a');
    queue.add('b');
    queue.add('a');
    expect(seen).to.deep.equal([]);
    await nextTurn();
    expect(seen).to.deep.equal(['a', 'b']);
  });

  it('tries work again that threw, and reports it', async () => {
    const clock = manualClock();
    const errors: string[] = [];
    let left = 2;
    const queue = createQueue({
      clock,
      work: () => {
        left -= 1;
        if (left >= 0) throw new Error(`${left} left`);
        return undefined;
      },
      onError: (key, error) => errors.push(`${key}: ${(error as Error).message}`),
    });
    queue.add('a');
    for (let turn = 0; turn < 20; turn += 1) {
      await nextTurn();
      clock.advance(10);
    }
    expect(errors).to.deep.equal(['a: 1 left', 'a: 0 left']);
    expect(left).to.equal(-1);
  });

  it('keeps the earliest of several later times', async () => {
    const clock = manualClock();
    const at: number[] = [];
    const queue = createQueue({ clock, work: () => void at.push(clock.now() / 1000) });
    queue.addAfter('a', 500);
    queue.addAfter('a', 100);
    queue.addAfter('a', 900);
    for (let turn = 0; turn < 20; turn += 1) {
      await nextTurn();
      clock.advance(50);
    }
    expect(at).to.have.length(1);
    expect(at[0]).to.be.within(100, 200);
  });

  it('does nothing after it was stopped', async () => {
    const clock = manualClock();
    const seen: string[] = [];
    const queue = createQueue({ clock, work: (key) => void seen.push(key) });
    queue.add('now');
    queue.addAfter('later', 10);
    queue.stop();
    queue.add('after');
    clock.advance(100);
    await nextTurn();
    await nextTurn();
    expect(seen).to.deep.equal([]);
  });
});
