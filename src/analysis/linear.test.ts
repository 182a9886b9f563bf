import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import type { Shape } from './testing/big-world.ts';

const PER_PATH = 40;
const BASE: Shape = {
  records: 40 * PER_PATH,
  paths: 40,
  faults: 4,
  services: 4,
  chainsPerPlace: 24,
  seconds: 60,
  allFail: true,
};

/** The base with more of one thing. */
const MORE: Readonly<Record<string, (times: number) => Partial<Shape>>> = {
  records: (times) => ({ records: BASE.records * times }),
  'paths, each with a zone of its own': (times) => ({ paths: BASE.paths * times, records: BASE.records * times }),
  'faults, each with a stage and an order of its own': (times) => ({ faults: BASE.faults * times }),
  services: (times) => ({ services: BASE.services * times }),
  'chains of each place': (times) => ({ chainsPerPlace: BASE.chainsPerPlace * times }),
};

/** From twice to four times as many costs twice what once to twice did; sorting a little more, but pairs four times. */
const MOST = 2.5;

describe('analysis: work grows no faster than the run', () => {
  let counts: readonly number[] = [];

  before(async () => {
    const shapes = Object.values(MORE).flatMap((more) => [2, 4].map((times) => ({ ...BASE, ...more(times) })));
    const script = new URL('./testing/count-work.ts', import.meta.url);
    const counter = fork(script, { execArgv: ['--no-opt', '--no-maglev'] });
    counter.send([BASE, ...shapes]);
    [counts] = (await once(counter, 'message')) as [readonly number[]];
  });

  for (const [at, what] of Object.keys(MORE).entries()) {
    it(`with more ${what}`, () => {
      const [base = 0] = counts;
      const [twice = 0, fourTimes = 0] = counts.slice(1 + at * 2);
      expect(twice - base).to.be.greaterThan(0);
      expect((fourTimes - twice) / (twice - base)).to.be.at.most(MOST);
    });
  }
});
