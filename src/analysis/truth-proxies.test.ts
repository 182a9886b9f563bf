import { expect } from 'chai';
import type { Verdict } from '../model/finding.ts';
import type { RunResult } from '../model/result.ts';
import { analyze } from './index.ts';
import { byProxies } from './testing/by-proxies.ts';
import { CLASSES, type Outage, type OutageClass, outage } from './testing/outage.ts';
import { chunks } from './testing/record-file.ts';

const RUNS_PER_CLASS = 3 * Number(process.env.FAULTLINE_SEEDS ?? 1);

/** What a verdict must never be: a word about the system that is not true. */
function checkVerdict({ name, rate, verdict: truth, failures }: Outage, { verdict, findings }: RunResult): void {
  const failed = new Set(findings.filter((one) => one.verdict === 'fail').map(({ objective }) => objective));
  if (truth === undefined) return;
  const told = findings
    .filter((one) => one.verdict !== 'pass')
    .map(({ id, story, cause }) => `${id}: ${story} ${cause}`)
    .join('\n');
  const what = `${name} at ${rate}/s, in truth ${truth}: ${told}`;
  if (truth !== 'inconclusive') expect(verdict, what).to.not.equal(truth === 'pass' ? 'fail' : 'pass');
  else expect(verdict, what).to.equal('inconclusive');
  expect(failures, what).to.include.members([...failed]);
}

describe('analysis: outages with known truth, told by the callers’ proxies alone', () => {
  const table = new Map<OutageClass, Map<Verdict, number>>();

  for (const kind of CLASSES) {
    it(kind, async () => {
      const verdicts = new Map<Verdict, number>();
      table.set(kind, verdicts);
      for (let seed = 1; seed <= RUNS_PER_CLASS; seed++) {
        const run = outage(kind, seed);
        const told = byProxies(run.history, run.records, seed);
        const result = await analyze(told.history, chunks(told.records));
        verdicts.set(result.verdict, (verdicts.get(result.verdict) ?? 0) + 1);
        checkVerdict(run, result);
      }
    });
  }

  it('says nothing of places where no proxy was read', async () => {
    const run = outage('right', 1);
    const { history, records } = byProxies(run.history, run.records, 1);
    const { verdict, findings } = await analyze(
      history.filter(({ type }) => type !== 'calls').map((event, seq) => ({ ...event, seq })),
      chunks(records),
    );
    expect(verdict).to.equal('inconclusive');
    const passed = findings.filter((one) => one.verdict === 'pass').map(({ objective }) => objective);
    expect(passed).to.not.include.members(['failoverOrder']);
    expect(passed).to.not.include.members(['failback']);
  });

  it('is sure of nine outages of ten', () => {
    const timid = CLASSES.filter(
      (kind) => outage(kind, 1).verdict !== undefined && outage(kind, 1).verdict !== 'inconclusive',
    )
      .map((kind) => table.get(kind)?.get('inconclusive') ?? 0)
      .reduce((sum, n) => sum + n, 0);
    expect(timid).to.be.below((RUNS_PER_CLASS * CLASSES.length) / 10);
  });
});
