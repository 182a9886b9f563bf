import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { Clock } from '../model/ports.ts';
import { apiError } from './api-error.ts';
import { repeatRead } from './repeat.ts';

/** Reads what is refused so twice and works then; how often it was read, and what it slept for beside its own pauses. */
async function reading(status: number, retryAfter: string | undefined) {
  const slept: number[] = [];
  const clock: Clock = {
    now: () => 0,
    wall: () => new Date(0),
    sleep: async (ms) => void slept.push(ms),
  };
  let reads = 0;
  const read = async () => {
    if (++reads <= 2) throw apiError('tokyo', { method: 'GET', what: 'get it' }, { status, text: 'busy', retryAfter });
  };
  const end = await repeatRead(read, clock).then(
    () => 'read',
    ({ message }: Error) => message,
  );
  return { end, reads, slept };
}

describe('a read that is repeated', () => {
  it('waits as long as the server has asked for, up to five seconds', async () => {
    for (const [retryAfter, least] of [
      ['3', 2_000],
      ['5', 4_000],
      ['86400', 4_000],
    ] as const) {
      const { end, reads, slept } = await reading(429, retryAfter);
      expect([end, reads], retryAfter).to.deep.equal(['read', 3]);
      // Its own pauses, of up to a second, are part of it.
      for (const ms of slept) expect(ms, retryAfter).to.be.within(least, least + 1_000);
    }
    expect((await reading(503, '3')).slept).to.have.length(2);
  });

  it('does not read before that time is over', async () => {
    const events: string[] = [];
    const sleep = async () => {
      // Its own first pause is at most 200 ms.
      await new Promise((done) => setTimeout(done, 250));
      events.push('slept');
    };
    await repeatRead(
      async () => {
        events.push('read');
        if (events.length > 1) return;
        throw new FaultlineError('TARGET_UNREACHABLE', 'it may pass');
      },
      { now: () => 0, wall: () => new Date(0), sleep },
    );
    expect(events).to.deep.equal(['read', 'slept', 'read']);
  });

  it('waits no longer than by itself where the server does not ask', async () => {
    for (const retryAfter of [undefined, '0', 'Wed, 21 Oct 2026 07:28:00 GMT']) {
      expect((await reading(429, retryAfter)).slept, retryAfter ?? 'none').to.deep.equal([0, 0]);
    }
  });

  it('is not repeated on a refusal, whatever that asks for', async () => {
    expect(await reading(403, '3')).to.deep.equal({ end: 'cluster tokyo: get it: 403 busy', reads: 1, slept: [] });
  });

  it('is not repeated after the signal', async () => {
    const ending = new AbortController();
    let reads = 0;
    const clock: Clock = { now: () => 0, wall: () => new Date(0), sleep: async () => {} };
    const reading = repeatRead(
      async () => {
        reads++;
        ending.abort();
        throw new FaultlineError('TARGET_UNREACHABLE', 'it may pass');
      },
      clock,
      ending.signal,
    );
    await reading.then(
      () => expect.fail('it was to fail'),
      () => undefined,
    );
    expect(reads).to.equal(1);
  });
});
