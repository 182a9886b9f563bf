import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { FaultContext } from '../model/fault.ts';
import { endAll } from './end-all.ts';
import { insist } from './insist.ts';
import { poll, pollUndone } from './poll.ts';
import { stageOn } from './testing/conformance/stage.ts';
import { FakeCluster } from './testing/fake-cluster.ts';
import { fakeContext } from './testing/fake-system.ts';
import { STAGED_KINDS } from './testing/staged.ts';
import { errorOf } from './testing/steps.ts';

/** A context, and when things were done in it, in milliseconds. */
function timed(signal?: AbortSignal) {
  const context = fakeContext(new FakeCluster(), signal);
  const times: number[] = [];
  return { context, times, note: () => times.push(context.now() / 1000) };
}

describe('poll', () => {
  it('looks at once and again every 150 ms until it sees something', async () => {
    const { context, times, note } = timed();
    expect(await poll(context, 1_000, async () => (note() === 4 ? 'seen' : undefined))).to.equal('seen');
    expect(times).to.deep.equal([0, 150, 300, 450]);
  });

  it('ends at its limit, and after one look where the signal has come', async () => {
    const late = timed();
    expect(await poll(late.context, 300, async () => void late.note())).to.equal(undefined);
    expect(late.times).to.deep.equal([0, 150, 300]);
    const ended = timed(AbortSignal.abort());
    expect(await poll(ended.context, 300, async () => void ended.note())).to.equal(undefined);
    expect(ended.times).to.deep.equal([0]);
  });
});

describe('pollUndone', () => {
  it('goes on looking after the signal, for 75 s or its limit, and as long as its limit without one', async () => {
    for (const [limit, signal, seconds] of [
      [300_000, undefined, 300],
      [300_000, AbortSignal.abort(), 75],
      [30_000, AbortSignal.abort(), 30],
    ] as const) {
      const { context } = timed(signal);
      expect(await pollUndone(context, limit, async () => undefined)).to.equal(undefined);
      expect(Math.round(context.now() / 1e6)).to.equal(seconds);
    }
    const { context, note } = timed(AbortSignal.abort());
    expect(await pollUndone(context, 300_000, async () => (note() === 4 ? 'seen' : undefined))).to.equal('seen');
  });

  it('counts from the signal where that comes while it looks', async () => {
    const ending = new AbortController();
    const { context } = timed(ending.signal);
    const look = async () => {
      if (context.now() > 100e6) ending.abort();
      return undefined;
    };
    expect(await pollUndone(context, 300_000, look)).to.equal(undefined);
    expect(Math.round(context.now() / 1e6)).to.equal(175);
  });
});

/** A cluster in which nothing of a fault goes away: no controller acts, no deletion ends, proxies keep what they have, and so does the outside. */
function stuck(cluster: FakeCluster): void {
  const kept = new FakeCluster();
  for (const [key, object] of cluster.objects) kept.objects.set(key, object);
  cluster.frozen = true;
  cluster.proxyAdmin = (where) => kept.proxyAdmin(where);
  cluster.delete = async (ref) => {
    const object = cluster.objects.get(`${ref.kind} ${ref.namespace ?? ''}/${ref.name}`);
    if (object !== undefined) Object.assign(object.metadata, { deletionTimestamp: '2026-11-22T09:00:00Z' });
  };
  cluster.exec = async () => ({ code: 1, stdout: '', stderr: '' });
  const { outside } = cluster;
  Object.assign(outside, { act: async () => ({ code: 0, said: '' }) });
}

describe('the undo of every kind, where nothing comes of its writes', () => {
  it('is shortened by a signal that comes in the middle of it, and by none as long as its limit', async () => {
    const waiting: string[] = [];
    for (const kind of STAGED_KINDS) {
      const seconds = async (signalAt: number) => {
        const { cluster, plan } = await stageOn(kind);
        stuck(cluster);
        const ending = new AbortController();
        const context = fakeContext(cluster, ending.signal);
        const sleep: FaultContext['clock']['sleep'] = async (ms, signal) => {
          await context.clock.sleep(ms, signal);
          if (context.now() >= signalAt * 1e6) ending.abort();
        };
        await kind.undo(plan, { ...context, clock: { ...context.clock, sleep } }).catch(() => {});
        return context.now() / 1e6;
      };
      const long = await seconds(Number.POSITIVE_INFINITY);
      if (long > 1) waiting.push(kind.kind);
      expect(await seconds(10), `${kind.kind}, ${long} s without a signal`).to.be.at.most(10 + 75 + 1);
    }
    const nothingToWaitFor = ['containerKill', 'nodeDrain', 'noop', 'podKill', 'zoneNetworkPolicy'];
    const others = STAGED_KINDS.filter(({ kind }) => !nothingToWaitFor.includes(kind)).map(({ kind }) => kind);
    expect(waiting).to.have.members(others);
  });
});

describe('insist', () => {
  it('tries again after longer and longer pauses, up to a second, until it succeeds', async () => {
    const { context, times, note } = timed();
    const act = async () => {
      if (note() < 7) throw new Error('no');
      return 'done';
    };
    expect(await insist(context, 60_000, act)).to.equal('done');
    expect(times).to.deep.equal([0, 100, 300, 700, 1_500, 2_500, 3_500]);
  });

  it('leaves a server alone for as long as it asks, up to five seconds', async () => {
    const { context, times, note } = timed();
    const act = async () => {
      const retryAfterMs = [2_000, 60_000][note() - 1];
      if (retryAfterMs !== undefined) throw new FaultlineError('KUBE_API', '429 busy', { retryAfterMs });
    };
    await insist(context, 60_000, act);
    expect(times).to.deep.equal([0, 2_000, 7_000]);
  });

  it('gives up with the last error when the limit has passed', async () => {
    const { context, times, note } = timed();
    const act = async () => {
      throw new Error(`no ${note()}`);
    };
    expect(await errorOf(insist(context, 700, act))).to.equal('Error: no 4');
    expect(times).to.deep.equal([0, 100, 300, 700]);
  });

  it('gives up at once when the signal has come, or comes while it waits', async () => {
    const ended = timed(AbortSignal.abort());
    const act = async () => {
      throw new Error(`no ${ended.note()}`);
    };
    expect(await errorOf(insist(ended.context, 700, act))).to.equal('Error: no 1');
    const ending = new AbortController();
    const { context, times, note } = timed(ending.signal);
    const clock = { ...context.clock, sleep: async () => ending.abort() };
    const again = async () => {
      throw new Error(`no ${note()}`);
    };
    expect(await errorOf(insist({ ...context, clock }, 700, again))).to.equal('Error: no 1');
    expect(times).to.have.length(1);
  });
});

describe('endAll', () => {
  it('gives all results, in order', async () => {
    const slow = turn().then(() => 1);
    expect(await endAll([slow, Promise.resolve(2)])).to.deep.equal([1, 2]);
  });

  it('rejects with the first error, and not before everything has ended', async () => {
    let ended = false;
    const slow = turn().then(() => {
      ended = true;
    });
    const failing = [Promise.reject(new Error('first')), slow, Promise.reject(new Error('second'))];
    expect(await errorOf(endAll(failing))).to.equal('Error: first');
    expect(ended).to.equal(true);
  });
});
