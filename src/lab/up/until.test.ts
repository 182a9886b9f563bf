import { expect } from 'chai';
import { virtualClock } from '../../run/testing/virtual-clock.ts';
import type { Started } from './daemon.ts';
import { until } from './until.ts';

const daemon = (alive: () => boolean) =>
  ({ name: 'etcd', log: '/l/etcd.log', alive, lastWords: () => 'no space left' }) as unknown as Started;

describe('waiting for the lab', () => {
  const waiting = () => ({ clock: virtualClock(), signal: new AbortController().signal });

  it('asks again until it has come', async () => {
    let asked = 0;
    await until({ what: 'nodes', limitMs: 10_000, check: async () => ++asked === 3 || 'not yet' }, waiting());
    expect(asked).to.equal(3);
  });

  it('says what was missing when the time is over, and where to look', async () => {
    const check = async () => Promise.reject(new Error('connection refused'));
    const error = await rejected(
      until({ what: 'nodes', limitMs: 2_000, check, needs: [daemon(() => true)] }, waiting()),
    );
    expect(error).to.include({
      code: 'LAB',
      message: 'nodes: not within 2 s: connection refused',
      hint: 'Logs: /l/etcd.log',
    });
  });

  it('does not go on waiting for what has ended', async () => {
    let asked = 0;
    const check = async () => `asked ${++asked}`;
    const error = await rejected(
      until({ what: 'API', limitMs: 2_000, check, needs: [daemon(() => false)] }, waiting()),
    );
    expect(error).to.include({ message: 'API: etcd has ended:\nno space left', hint: 'Its log: /l/etcd.log' });
    expect(asked).to.equal(0);
  });

  it('ends at once on the signal, with its reason', async () => {
    const stop = new AbortController();
    const reason = new Error('SIGINT');
    const check = async () => {
      stop.abort(reason);
      return 'not yet';
    };
    expect(
      await rejected(until({ what: 'x', limitMs: 1e9, check }, { clock: virtualClock(), signal: stop.signal })),
    ).to.equal(reason);
  });
});

function rejected(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it resolved'),
    (error) => error,
  );
}
