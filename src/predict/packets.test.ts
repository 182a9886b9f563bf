import { expect } from 'chai';
import type { FaultMove, PacketEffect } from '../model/fault-move.ts';
import type { PredictedCaller, Prediction } from '../model/prediction.ts';
import { predictFrom } from './predict.ts';
import { type Difference, liveSystem, PATHS, planned, scenarioOf, VENDOR } from './testing/live-fixture.ts';

const HOME = 'ap-northeast-1a';
const NEXT = 'ap-northeast-1b';
type PacketMove = Extract<FaultMove, { kind: 'packets' }>;

function predicted(effect: PacketEffect, difference: Difference, more: Partial<PacketMove> = {}): Promise<Prediction> {
  const move = { kind: 'packets', effect, calls: 'in', port: undefined, ...more } as const;
  const fault = planned({ name: 'packets', kind: 'podNetwork', afterMs: 0, spec: {}, move }, [`mockb-${HOME}-0`]);
  const made = scenarioOf([fault]);
  const phases = { baselineMs: 500, holdMs: 3000, recoverMs: 500 };
  const scenario = { ...made, load: { ...made.load, ratePerSecond: 10 }, phases };
  return predictFrom({ scenario, paths: PATHS, faults: [fault] }, liveSystem(difference));
}

/** What callers at home see, and how often hosts of mockb are ejected. */
async function homeOf(effect: PacketEffect, difference: Difference, more: Partial<PacketMove> = {}) {
  const prediction = await predicted(effect, difference, more);
  if (prediction.state !== 'predicted') throw new Error(prediction.reason);
  const caller = prediction.stages[0]?.callers.find(({ fromZone }) => fromZone === HOME) as PredictedCaller;
  const next = caller.places.find(({ zone }) => zone === NEXT)?.share;
  const { lo = -1, hi = -1 } = prediction.ejections[0]?.enforced ?? {};
  return { why: caller.why.join('; '), next: [next?.lo, next?.hi], ejected: [lo, hi], prediction };
}

const LATE: PacketEffect = { kind: 'delay', ms: 900 };
const TOGETHER = { consecutive5xxErrors: 3, interval: '30s', baseEjectionTime: '5m', maxEjectionPercent: 100 };

describe('what is predicted of packets that are late or lost', function () {
  this.timeout(120_000);

  it('is an ejection where a timeout of the route ends late calls, which count as a failure of local origin', async () => {
    const { why, next, ejected } = await homeOf(LATE, { route: { timeout: '0.5s' } });
    expect(why).to.contain(
      'a timeout of the callers’ route ends calls (504), which outlierDetection counts as a failure',
    );
    expect([next[0], ejected[0]], why).to.deep.equal([1, 1]);
  });

  it('is one where only tries have a timeout, and as many in a row as the rule asks for as 5xx', async () => {
    const retries = { attempts: 1, perTryTimeout: '0.5s', retryOn: 'connect-failure' };
    const { why, ejected, prediction } = await homeOf(LATE, { route: { retries }, outlierDetection: TOGETHER });
    expect(why).to.contain('counts as a 5xx').and.to.contain('a host is ejected after 3 failures in a row');
    expect(ejected[0]).to.equal(1);
    const bad = prediction.state === 'predicted' ? prediction.stages[0]?.paths[0]?.bad : undefined;
    expect(bad?.lo).to.be.at.least(3);
  });

  it('is no ejection where callers wait as long, and where they eject nobody', async () => {
    const patient = await homeOf(LATE, { route: { timeout: '5s' } });
    expect(patient.why).to.contain('no timeout of the callers ends late calls');
    expect([patient.ejected, patient.next]).to.deep.equal([
      [0, 0],
      [0, 0],
    ]);
    const { why, ejected } = await homeOf(LATE, { route: { timeout: '0.5s' }, outlierDetection: null });
    expect([ejected, why.includes('counts')]).to.deep.equal([[0, 0], false]);
    expect(why).to.contain('no outlierDetection in force for mockb');
  });

  it('is one where connections come up too late for connectTimeout, as far as calls need new ones', async () => {
    const { why, ejected } = await homeOf(LATE, { connectTimeout: '0.3s' });
    expect(why).to.contain(
      'connectTimeout (0.3 s) ends connections that do not come up, which outlierDetection counts',
    );
    expect(ejected[1]).to.equal(1);
  });

  it('of dropped ones is said where a timeout ends what hangs, and not made where none does', async () => {
    const { next, ejected, prediction } = await homeOf({ kind: 'drop' }, { route: { timeout: '0.5s' } });
    expect([next[0], ejected[0]]).to.deep.equal([1, 1]);
    expect(prediction.state === 'predicted' && prediction.stages[0]?.callers[0]?.places[0]?.serving).to.equal(0);
    expect(await predicted({ kind: 'drop' }, {})).to.deep.include({ state: 'not-predicted' });
    const open = await predicted({ kind: 'drop' }, {});
    expect(open.state === 'not-predicted' && open.reason).to.match(
      /^calls of default\/mockb from ap-northeast-1a hang on connections that are kept, and no timeout/,
    );
  });

  it('of refused ones is resets, of which the host is ejected', async () => {
    const { why, next } = await homeOf({ kind: 'refuse' }, { outlierDetection: VENDOR });
    expect([why.includes('connections are reset'), next[0]]).to.deep.equal([true, 1]);
  });

  it('of some that are lost is chance, and says so', async () => {
    const route = { timeout: '0.25s' };
    const loss = { kind: 'loss', ratio: 0.5 } as const;
    const { why, ejected, prediction } = await homeOf(loss, { route, outlierDetection: TOGETHER });
    expect(why).to.contain('whether so many in a row fail is chance');
    expect(prediction.state === 'predicted' && prediction.assumptions.join()).to.contain('50% of them');
    expect(ejected[1]).to.equal(1);
    const sent = await homeOf({ kind: 'loss', ratio: 0.001 }, { outlierDetection: null });
    expect(sent.why).to.contain('what is lost is sent again');
  });

  it('is of the calls that a port leaves, those in and those out', async () => {
    const route = { timeout: '0.5s' };
    for (const [more, most] of [
      [{ port: 8000 }, 1],
      [{ port: 9090 }, 0],
      [{ port: 8000, calls: 'both' }, 1],
      [{ port: 8000, calls: 'out' }, 0],
    ] as const) {
      expect((await homeOf({ kind: 'refuse' }, { route }, more)).ejected[1], JSON.stringify(more)).to.equal(most);
    }
  });
});
