import { expect } from 'chai';
import type { PathStream } from '../ingest/path.ts';
import { plainRisk } from '../testing/plain-risk.ts';
import type { Outage } from './outage-tracker.ts';
import type { Noise } from './risk.ts';
import { coreOf } from './weigh.ts';

const PATH = {} as PathStream;

/** A long group of errors: noise, an outage of forty requests, noise. */
const GROUP = {
  sent: 0,
  lo: 31,
  span: 300,
  bursts: [
    { bad: 4, from: 0, to: 1 },
    { bad: 40, from: 10, to: 20 },
    { bad: 4, from: 30, to: 31 },
  ],
} as unknown as Outage;

const riskWith = (noise: Pick<Noise, 'bad' | 'largest'>, rate: number) => {
  const before: Noise = { all: 500, burst: 1, ...noise, errors: { ...noise, burst: 1 } };
  return { ...plainRisk(0.0001), before, beforeOf: () => before, rateOf: () => rate };
};

describe('the part of an outage that noise does not explain', () => {
  it('is not lengthened by a burst that is merely larger than any before', () => {
    expect(coreOf(riskWith({ bad: 25, largest: 3 }, 0.08), PATH, GROUP)).to.deep.equal({ from: 10, to: 20 });
  });

  it('is all of it on a path that had no noise, and where nothing stands out', () => {
    expect(coreOf(riskWith({ bad: 0, largest: 0 }, 0.001), PATH, GROUP)).to.deep.equal({ from: 0, to: 31 });
    expect(coreOf(riskWith({ bad: 100, largest: 30 }, 0.3), PATH, GROUP)).to.deep.equal({ from: 0, to: 31 });
  });
});
