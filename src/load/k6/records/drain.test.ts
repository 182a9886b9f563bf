import { expect } from 'chai';
import { HandClock } from '../../testing/hand-clock.ts';
import { drain } from './drain.ts';

/** A session that is complete when it has been looked at this often, after its end. */
function completeAfter(looks: number) {
  const seen = { ends: 0, looks: 0 };
  const session = {
    end: () => {
      seen.ends += 1;
    },
    get complete(): boolean {
      seen.looks += 1;
      return seen.ends > 0 && seen.looks > looks;
    },
  };
  return { session, seen };
}

describe('load/k6/records/drain: before k6 is told to stop', () => {
  it('ends what counts once, and waits for nothing where all has been told', async () => {
    const { session, seen } = completeAfter(0);
    await drain(session, 60_000);
    expect(seen).to.deep.equal({ ends: 1, looks: 1 });
  });

  it('waits until all has been told', async () => {
    const { session, seen } = completeAfter(3);
    await drain(session, 60_000);
    expect(seen).to.deep.equal({ ends: 1, looks: 4 });
  });

  it('does not wait forever: the timeout of requests and a little more', async () => {
    const { session, seen } = completeAfter(Number.POSITIVE_INFINITY);
    const clock = new HandClock();
    await drain(session, 300, clock);
    expect([seen.ends, clock.ms]).to.deep.equal([1, 2_400]);
  });
});
