import { expect } from 'chai';
import type { Verdict } from '../model/finding.ts';
import type { RunResult } from '../model/result.ts';
import { analyze } from './index.ts';
import { CLASSES, type Outage, type OutageClass, outage } from './testing/outage.ts';
import { chunks } from './testing/record-file.ts';
import { pathOf } from './testing/world.ts';

/** Seeds of each class; `npm run test:truth` takes more. */
const RUNS_PER_CLASS = 7 * Number(process.env.FAULTLINE_SEEDS ?? 1);

/** Where the verdict is open, it may still not contradict the truth. */
function checkStraddling({ name, effect, recovery = 0, target, lag }: Outage, { verdict }: RunResult): void {
  const truth = recovery - effect;
  if (verdict === 'pass') expect(truth, name).to.be.at.most(target + lag);
  if (verdict === 'fail') expect(truth, name).to.be.above(target);
}

function checkRecovery({ name, effect, recovery, lag, rate }: Outage, result: RunResult): void {
  const row = result.recoveries.find(({ path, stage }) => path === pathOf('north-a') && stage === 0);
  if (recovery === undefined || row?.recovered === undefined || result.budget.unknown > 0) return;
  expect(row.recovered.lo, `${name}: lower end`).to.be.at.most(recovery);
  if (row.recovered.hi !== null) expect(row.recovered.hi, `${name}: upper end`).to.be.at.least(recovery);
  expect(result.zeroFrom, `${name}: T0 from`).to.be.at.most(effect);
  expect(result.zero, `${name}: T0`).to.be.within(effect - 1, effect + Math.max(lag, 1e6 / rate + 100_000));
}

/** It is not enough to fail: the objective that was broken must, and no other. */
function checkFailures({ name, failures }: Outage, { findings }: RunResult): void {
  const failed = [...new Set(findings.filter(({ verdict }) => verdict === 'fail').map(({ objective }) => objective))];
  if (failures[0] !== undefined) expect(failed, name).to.include(failures[0]);
  expect(failures, name).to.include.members(failed);
}

describe('analysis: outages with known truth', () => {
  const table = new Map<OutageClass, Map<Verdict, number>>();

  for (const kind of CLASSES) {
    it(kind, async () => {
      const verdicts = new Map<Verdict, number>();
      table.set(kind, verdicts);
      for (let seed = 1; seed <= RUNS_PER_CLASS; seed++) {
        const run = outage(kind, seed);
        const result = await analyze(run.history, chunks(run.records));
        verdicts.set(result.verdict, (verdicts.get(result.verdict) ?? 0) + 1);
        checkRecovery(run, result);
        if (run.verdict === undefined) {
          checkStraddling(run, result);
          continue;
        }
        expect(result.verdict, `${run.name} at ${run.rate}/s: ${result.reason}`).to.equal(run.verdict);
        checkFailures(run, result);
      }
    });
  }

  after(() => {
    const rows = [...table].map(([kind, verdicts]) => {
      const cell = (verdict: Verdict): string => String(verdicts.get(verdict) ?? 0).padStart(5);
      return `      ${kind.padEnd(26)}${cell('pass')}${cell('fail')}${cell('inconclusive')}`;
    });
    console.log(['', `      ${'class'.padEnd(26)} pass fail  inc.`, ...rows].join('\n'));
  });
});
