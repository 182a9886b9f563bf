import { expect } from 'chai';
import type { Called } from './caller.ts';
import { disagreements } from './compare.ts';
import { type Facts, factsOf } from './facts.ts';
import { HOME, type Outage, outageOf, seeded } from './outage.ts';
import type { Played } from './play.ts';
import type { Recorded } from './record.ts';
import { simulate } from './simulate.ts';

const SWAP: Outage = {
  ...outageOf(1),
  consecutive5xxErrors: 1,
  baseEjectionMs: 60_000,
  intervalMs: 30_000,
  maxEjectionPercent: 100,
  minHealthPercent: 0,
  atOnce: false,
  fault: 'imageSwap',
  callers: [HOME],
};
const OLD = { ip: '10.0.0.1', zone: HOME, ready: true };
const NEXT = { ip: '10.0.1.1', zone: 'ap-northeast-1b', ready: true } as const;
const NEW = { ip: '10.0.0.2', zone: HOME, ready: true };

/** The image swap of a lone pod at three seconds: the new one is ready, and does not listen, three seconds later. */
function swap(told: 'at once' | 'in two pushes'): Recorded {
  const ready =
    told === 'at once'
      ? [{ at: 6000, endpoints: [NEXT, NEW] }]
      : [
          { at: 6000, endpoints: [OLD, NEXT, NEW] },
          { at: 6600, endpoints: [NEXT, NEW] },
        ];
  return {
    changes: [
      { at: 0, endpoints: [OLD, NEXT] },
      { at: 3000, endpoints: [OLD, NEXT, { ...NEW, ready: false }] },
      ...ready,
    ],
    pods: { [OLD.ip]: { kind: 'serves' }, [NEXT.ip]: { kind: 'serves' }, [NEW.ip]: { kind: 'refuses' } },
  };
}

/** Calls at an even pace for twelve seconds. */
function callsEvery(ms: number): Called[] {
  return Array.from({ length: 12_000 / ms }, (_, index) => ({ at: index * ms, tookMs: 6, zone: HOME, ip: OLD.ip }));
}

async function factsIn(outage: Outage, recorded: Recorded, seed = 1, everyMs = 50): Promise<Facts> {
  const happened = { recorded, calls: callsEvery(everyMs), until: 12_000 };
  const seen = await simulate(outage, HOME, happened, seeded(seed));
  const times = { faultAt: 2500, faultDone: 6700, undoAt: 12_000, undoDone: 12_000, endAt: 12_000 };
  const played: Played = { ...times, recorded, callers: {} };
  return factsOf(played, seen);
}

describe('an outage under a virtual clock', () => {
  it('spills while the new pod is not ready, and errs for a second when one push tells all', async () => {
    const facts = await factsIn(SWAP, swap('at once'));
    expect(facts.bad).to.be.within(20, 24);
    expect(facts.ejections).to.equal(1);
    expect(facts.rollout.by['ap-northeast-1b'] / facts.rollout.calls).to.be.within(0.15, 0.5);
    expect(facts.hold.by['ap-northeast-1b']).to.equal(facts.hold.calls);
  });

  it('errs for less when the end of the old pod comes as a push of its own, and once or twice with the window off', async () => {
    const two = await factsIn(SWAP, swap('in two pushes'));
    expect(two.bad).to.be.within(1, 12);
    expect((await factsIn({ ...SWAP, atOnce: true }, swap('at once'))).bad).to.be.within(1, 3);
  });

  it('calls a host that fails slowly less often than its neighbour, where nothing may be ejected', async () => {
    const beside: Recorded = {
      changes: [{ at: 0, endpoints: [OLD, NEW, NEXT] }],
      pods: { [OLD.ip]: { kind: 'serves' }, [NEXT.ip]: { kind: 'serves' }, [NEW.ip]: { kind: 'refuses' } },
    };
    const { hold } = await factsIn({ ...SWAP, maxEjectionPercent: 10 }, beside, 1, 10);
    expect(hold.by['ap-northeast-1b']).to.equal(0);
    expect(hold.bad / hold.calls).to.be.within(0.2, 0.4);
  });

  it('is the same for a seed', async () => {
    expect(await factsIn(SWAP, swap('at once'), 5)).to.deep.equal(await factsIn(SWAP, swap('at once'), 5));
  });

  it('agrees with itself by other luck, and is found out when the caller saw something else', async () => {
    const model = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => factsIn(SWAP, swap('at once'), seed)));
    const seen = await factsIn(SWAP, swap('at once'), 99);
    expect(disagreements(SWAP, seen, model)).to.deep.equal([]);
    const other = await factsIn({ ...SWAP, atOnce: true }, swap('at once'), 99);
    expect(disagreements(SWAP, other, model).join()).to.match(/^errors: seen [123], model 2\d to 2\d/);
    const text = { ...seen, texts: ['503 something else'] };
    expect(disagreements(SWAP, text, model).join()).to.contain('something else');
    expect(disagreements(SWAP, { ...seen, ejections: 2 }, model)).to.deep.equal(['ejections: seen 2, model 1 to 1']);
    const away = {
      ...seen,
      hold: { ...seen.hold, by: { ...seen.hold.by, 'ap-northeast-1b': 0, 'cn-hangzhou-h': 90 } },
    };
    expect(disagreements(SWAP, away, model)).to.have.length(2);
  });
});
