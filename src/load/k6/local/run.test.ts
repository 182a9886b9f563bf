import { expect } from 'chai';
import { FaultlineError } from '../../../model/errors.ts';
import type { LoadOrder } from '../../../model/ports.ts';
import { loadOf } from '../../testing/load-fixture.ts';
import { until } from '../../testing/run-load.ts';
import type { K6Exit, K6Process } from './process.ts';
import { type Hooks, LocalRun, type RunSession } from './run.ts';

const RECENT = { recentGood: 3, recentBad: 4, recentServing: { mocka: { z: 3 } } };
const PATH = { path: 'p', sent: 9, good: 5, bad: 4, unknown: 0, dropped: 0, ...RECENT };
const SUMMARY = { counts: [], lateP99: 7, degraded: ['doubt'] };

/** A k6, what tells of it and what goes on around it; `done` is what was done, in order. */
function stage(how: { warm?: Error; missing?: string; ends?: K6Exit } = {}) {
  const done: string[] = [];
  const counts = { pulses: 0, busy: 0 };
  const ended = Promise.withResolvers<K6Exit>();
  const act = (what: string) => async () => {
    done.push(what);
  };
  const k6: Pick<K6Process, 'pid' | 'ended' | 'warm' | 'release' | 'stop' | 'kill' | 'failure'> = {
    pid: process.pid,
    ended: ended.promise,
    warm: async () => {
      done.push('warm');
      if (how.warm !== undefined) throw how.warm;
    },
    release: act('release'),
    stop: async (patience) => {
      done.push(`stop within ${patience}`);
      ended.resolve(how.ends ?? { code: 103, signal: null });
      return ended.promise;
    },
    kill: () => {
      done.push('kill');
      ended.resolve({ code: null, signal: 'SIGKILL' });
    },
    failure: ({ code }) => new FaultlineError('LOAD', `ended with ${code}`),
  };
  const session: RunSession = {
    pulse: () => {
      counts.pulses += 1;
    },
    busy: () => {
      counts.busy += 1;
    },
    paths: () => [PATH],
    degraded: () => ['doubt'],
    unwritten: undefined,
    summary: () => SUMMARY,
    close: act('close'),
  };
  const hooks: Hooks = {
    released: () => done.push('released'),
    stopping: act('stopping'),
    drained: act('drained'),
    missing: () => how.missing,
    left: async () => ({ dashboard: 'd' }),
    cleanup: act('cleanup'),
  };
  const order = { load: loadOf({ timeoutMs: 500 }) } as LoadOrder;
  const begin = () => LocalRun.begin(k6 as K6Process, session, order, hooks, 1);
  return { begin, done, counts, session, end: (exit: K6Exit) => ended.resolve(exit) };
}

const STARTED = ['warm', 'release', 'released'];
const ENDED = ['drained', 'close', 'cleanup'];

const message = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (error: Error) => error.message,
  );

describe('load/k6/local/run: a k6 of this machine from its start to its end', () => {
  it('is let go when it is warm, and stopped once, in order', async () => {
    const { begin, done } = stage();
    const handle = await begin();
    expect(done).to.deep.equal(STARTED);
    expect(handle.progress()).to.deep.equal({ paths: [PATH], degraded: ['doubt'] });
    const stopping = handle.stop();
    expect(handle.stop()).to.equal(stopping);
    expect(await stopping).to.deep.equal({ ...SUMMARY, dashboard: 'd' });
    expect(done.slice(3)).to.deep.equal(['stopping', 'stop within 30500', ...ENDED]);
    expect(handle.progress()).to.not.have.property('failure');
  });

  it('pulses while it runs, measures what it takes, and does neither afterwards', async () => {
    const { begin, counts } = stage();
    const handle = await begin();
    await until(() => counts.busy >= 2);
    expect(counts.pulses).to.be.at.least(100);
    await handle.stop();
    const { pulses } = counts;
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await until(() => turns >= 10);
    clearInterval(timer);
    expect(counts.pulses).to.equal(pulses);
  });

  it('is killed and put away when it does not start', async () => {
    const { begin, done } = stage({ warm: new Error('not today') });
    expect(await message(begin())).to.equal('not today');
    expect(done).to.deep.equal(['warm', 'kill', ...ENDED]);
  });

  it('shows an end that nobody asked for, with nothing that looks alive, whatever its exit code', async () => {
    for (const code of [103, 109]) {
      const { begin, done, end } = stage();
      const handle = await begin();
      end({ code, signal: null });
      await until(() => handle.progress().failure !== undefined);
      expect(handle.progress()).to.deep.equal({
        paths: [{ ...PATH, recentGood: 0, recentBad: 0, recentServing: {} }],
        degraded: ['doubt'],
        failure: `ended with ${code}`,
      });
      expect(await message(handle.stop())).to.equal(`ended with ${code}`);
      // Nobody waits for the words of a k6 that is gone.
      expect(done.slice(3)).to.deep.equal(['stop within 30500', ...ENDED]);
    }
  });

  it('does not take what was told for all of it where something is missing or k6 ended oddly', async () => {
    const missing = await stage({ missing: 'something is missing' }).begin();
    expect(await message(missing.stop())).to.equal('something is missing');
    const odd = await stage({ ends: { code: 99, signal: null } }).begin();
    expect(await message(odd.stop())).to.equal('ended with 99');
  });

  it('puts everything away when the records cannot be closed', async () => {
    const { begin, done, session } = stage();
    session.close = () => Promise.reject(new Error('disk full'));
    const handle = await begin();
    expect(await message(handle.stop())).to.equal('disk full');
    expect(done.at(-1)).to.equal('cleanup');
  });
});
