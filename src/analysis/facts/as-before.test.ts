import { expect } from 'chai';
import type { Verdict } from '../../model/finding.ts';
import { strays } from '../testing/noise.ts';
import { plainRisk } from '../testing/plain-risk.ts';
import { seeded } from '../testing/record-file.ts';
import { judgeAsBefore, missesAsBefore } from './as-before.ts';
import type { Sample } from './blocks.ts';

const RISK = plainRisk(0.01);
const of = (hits: number, all: number, effect = 1): Sample => ({ hits, all, effect });
const verdictOf = (before: Sample, now: Sample, asked = 0.99): Verdict =>
  judgeAsBefore(RISK, before, now, asked).verdict;

describe('a share as before', () => {
  it('is asked for in full of those who had it', () => {
    expect(verdictOf(of(500, 500), of(1000, 1000))).to.equal('pass');
    expect(verdictOf(of(500, 500), of(960, 1000))).to.equal('fail');
    expect(verdictOf(of(0, 0), of(960, 1000))).to.equal('fail');
    expect(missesAsBefore(RISK, of(500, 500), of(960, 1000), 0.99)).to.equal('surely');
  });

  it('passes where it is what it was, however low that is', () => {
    for (const share of [0.05, 0.3, 0.5, 0.9]) {
      expect(verdictOf(of(2000 * share, 2000), of(4000 * share, 4000)), `${share}`).to.equal('pass');
    }
  });

  it('fails where it is less, and is open on few requests', () => {
    expect(verdictOf(of(250, 500), of(350, 1000))).to.equal('fail');
    expect(verdictOf(of(250, 500), of(420, 1000))).to.equal('inconclusive');
    expect(verdictOf(of(10, 20), of(10, 20))).to.equal('inconclusive');
    expect(missesAsBefore(RISK, of(95, 100), of(9, 19), 0.99), 'too few to fail').to.equal('perhaps');
  });

  it('counts bursts as less', () => {
    expect(verdictOf(of(250, 500), of(350, 1000))).to.equal('fail');
    expect(verdictOf(of(250, 500, 10), of(350, 1000, 10))).not.to.equal('fail');
  });

  it('takes what was before for a sample, so that callers who go on as they did rarely fail', () => {
    const random = seeded(7);
    const runs = 3000;
    let failed = 0;
    for (let run = 0; run < runs; run++) {
      const away = strays(random, 0.5, 600).length;
      const first = strays(random, 0.5, 300).length;
      if (verdictOf(of(300 - first, 300), of(600 - away, 600)) === 'fail') failed++;
    }
    expect(failed / runs).to.be.below(RISK.fail + 3 * Math.sqrt((RISK.fail * (1 - RISK.fail)) / runs));
  });
});
