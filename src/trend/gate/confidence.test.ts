import { expect } from 'chai';
import { binomialTail } from '../../stats/index.ts';
import { FAILED, found, OPEN, runOf, runsOf } from '../testing/runs.ts';
import type { Decision } from './answers.ts';
import { gate, isFinal } from './gate.ts';
import type { Requirements } from './requirements.ts';

/*
 * How often a gate is wrong, by exact enumeration of all that can come about: the chance of each number of passes is the
 * binomial one, and the gate is asked once for each.
 */

const ROUNDING = 1e-9;
const RISK = 0.05;

const requiring = (passRate: number): Requirements => ({ confidence: 0.95, passRate, maxUndecided: { runs: 0 } });
const history = (hits: number, misses: number) => [...runsOf(hits), ...runsOf(misses, FAILED, 'f')];

function chances(n: number, decisions: readonly Decision[], p: number): Readonly<Record<Decision, number>> {
  const sum = { met: 0, 'not-met': 0, undecided: 0 };
  for (const [hits, decision] of decisions.entries())
    sum[decision] += binomialTail(hits, n, p) - binomialTail(hits + 1, n, p);
  return sum;
}

describe('gate: the stated confidence', () => {
  it('holds for every true pass rate and number of runs', () => {
    for (const [n, required] of [
      [10, 0.7],
      [29, 0.9],
      [59, 0.95],
      [70, 0.95],
    ] as const) {
      const decisions = Array.from(
        { length: n + 1 },
        (_, hits) => gate(found(...history(hits, n - hits)), requiring(required)).decision,
      );
      for (let p = 0.02; p < 1; p += 0.02) {
        const { met, 'not-met': notMet } = chances(n, decisions, p);
        expect(p < required ? met : notMet, `${n} runs, truth ${p}`).to.be.at.most(RISK + ROUNDING);
      }
      // At the bound itself both are, and met is no rarer than it must be for runs without a miss.
      const { met, 'not-met': notMet } = chances(n, decisions, required);
      expect(met, `${n}`).to.be.at.most(RISK + ROUNDING);
      expect(notMet, `${n}`).to.be.at.most(RISK + ROUNDING);
      expect(met, `${n}`).to.be.above(0);
    }
  });

  it('is shared for not met by several questions, and not for met', () => {
    const both: Requirements = { ...requiring(0.9), recovery: { quantile: 0.9, withinMs: 5000 } };
    const late = { recovery: { lo: 9, hi: 9 } };
    // At a true rate of 90 %, 7 misses or more of 32 come about in 3.6 % of the cases, 8 or more in 1.2 %.
    const alone = (misses: number) => gate(found(...history(32 - misses, misses)), requiring(0.9)).decision;
    const two = (misses: number) =>
      gate(found(...runsOf(32 - misses), ...runsOf(misses, { ...FAILED, ...late }, 'f')), both).decision;
    expect([alone(7), two(7), two(8)]).to.deep.equal(['not-met', 'undecided', 'not-met']);
    expect(gate(found(...runsOf(29)), both).decision).to.equal('met');
  });
});

type Stop = { readonly runs: number; readonly decision: Decision };

/** Every way through a series of at most `n` runs: where it ends, and what the gate says then. */
function stops(n: number, requirements: Requirements): Map<string, Stop | undefined> {
  const found_ = new Map<string, Stop | undefined>();
  for (let runs = 0; runs <= n; runs++) {
    for (let hits = 0; hits <= runs; hits++) {
      const all = history(hits, runs - hits);
      const isEnd = runs > 0 && isFinal(all, n - runs, requirements);
      const end = isEnd ? { runs, decision: gate(found(...all), requirements).decision } : undefined;
      found_.set(`${hits} ${runs - hits}`, end);
    }
  }
  return found_;
}

/** The chance of each decision, run by run, until the series ends. */
function chancesOfEnds(ends: ReadonlyMap<string, Stop | undefined>, p: number): Record<Decision, number> {
  const sum = { met: 0, 'not-met': 0, undecided: 0 };
  const reached = new Map([['0 0', 1]]);
  const reach = (key: string, chance: number) => reached.set(key, (reached.get(key) ?? 0) + chance);
  for (const [key, chance] of reached) {
    const end = ends.get(key);
    const [hits = 0, misses = 0] = key.split(' ').map(Number);
    if (end !== undefined) sum[end.decision] += chance;
    else {
      reach(`${hits + 1} ${misses}`, chance * p);
      reach(`${hits} ${misses + 1}`, chance * (1 - p));
    }
  }
  return sum;
}

describe('gate: a series that ends early', () => {
  const n = 32;
  const requirements = requiring(0.9);
  const ends = stops(n, requirements);

  it('says what it would have said at its end, whatever had come', () => {
    const wholes = Array.from(
      { length: n + 1 },
      (_, hits) => gate(found(...history(hits, n - hits)), requirements).decision,
    );
    let early = 0;
    for (const [key, end] of ends) {
      if (end === undefined) continue;
      const [hits = 0] = key.split(' ').map(Number);
      early += end.runs < n ? 1 : 0;
      for (let more = 0; more <= n - end.runs; more++) {
        expect(wholes[hits + more], `${key} and ${more}`).to.equal(end.decision);
      }
    }
    expect(early).to.be.above(50);
  });

  it('has no larger risk than a whole one', () => {
    for (let p = 0.5; p < 1; p += 0.05) {
      const sum = chancesOfEnds(ends, p);
      expect(sum.met + sum['not-met'] + sum.undecided).to.be.closeTo(1, 1e-9);
      expect(p < 0.9 - ROUNDING ? sum.met : sum['not-met'], `truth ${p}`).to.be.at.most(RISK + ROUNDING);
    }
  });

  it('does not end at the first miss while both answers are open, and ends at once where all are refused', () => {
    expect(isFinal(history(5, 1), 26, requirements)).to.equal(false);
    expect(isFinal(history(0, 9), 23, requirements)).to.equal(true);
    expect(isFinal([...runsOf(30), runOf(OPEN)], 1, requirements)).to.equal(true);
  });

  it('never ends on errors of which more may come', () => {
    const errors: Requirements = { confidence: 0.95, errors: 0.01, maxUndecided: { runs: 0 } };
    expect([isFinal(runsOf(9), 1, errors), isFinal(runsOf(10), 0, errors)]).to.deep.equal([false, true]);
  });
});
