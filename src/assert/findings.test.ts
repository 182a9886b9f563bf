import { AssertionError, expect, use } from 'chai';
import type { Finding, Verdict } from '../model/finding.ts';
import type { RunResult } from '../model/result.ts';
import { FIXTURES } from '../report/testing/results/index.ts';
import { faultlineChai } from './chai.ts';

use(faultlineChai);

const PASS = FIXTURES.pass as RunResult;

/** The passing run with one more finding. */
function having(objective: string, verdict: Verdict, change: Partial<Finding> = {}): RunResult {
  const [like] = PASS.findings.filter((finding) => finding.objective === 'errorBudget');
  const more = { ...like, id: `${objective}/one`, objective, verdict, title: 'What is asked', ...change } as Finding;
  return { ...PASS, findings: [...PASS.findings.filter((one) => one.objective !== objective), more] };
}

/** Whether an assertion holds, its negation does, or neither. */
function answer(result: RunResult, ask: (assertion: Chai.Assertion) => unknown): 'yes' | 'no' | 'neither' {
  const passes = (assertion: Chai.Assertion): boolean => {
    try {
      ask(assertion);
      return true;
    } catch (error) {
      if (error instanceof AssertionError) return false;
      throw error;
    }
  };
  if (passes(expect(result).to)) return 'yes';
  return passes(expect(result).to.not) ? 'no' : 'neither';
}

const ANSWERS = { pass: 'yes', fail: 'no', inconclusive: 'neither' } as const;
const OBJECTIVES = {
  ejections: (assertion: Chai.Assertion) => assertion.ejectAsPromised(),
  failback: (assertion: Chai.Assertion) => assertion.failBack(),
  latency: (assertion: Chai.Assertion) => assertion.keepLatency(),
};

describe('assertions on single objectives', () => {
  for (const [objective, ask] of Object.entries(OBJECTIVES)) {
    it(`${objective}: the answer is that of its findings, and none where nothing was promised or the load was not honest`, () => {
      for (const [verdict, expected] of Object.entries(ANSWERS)) {
        expect(answer(having(objective, verdict as Verdict), ask), verdict).to.equal(expected);
      }
      const none = { ...PASS, findings: PASS.findings.filter((one) => one.objective !== objective) };
      expect(answer(none, ask)).to.equal('neither');
      const dishonest = having(objective, 'pass');
      const findings = dishonest.findings.map((one) =>
        one.objective === 'loadQuality' ? { ...one, verdict: 'inconclusive' as const } : one,
      );
      expect(answer({ ...dishonest, findings }, ask)).to.equal('neither');
    });
  }

  it('any finding: by its id, and none where there is no such id', () => {
    for (const objective of ['latency', 'wayHome', 'putBack']) {
      for (const [verdict, expected] of Object.entries(ANSWERS)) {
        const result = having(objective, verdict as Verdict);
        expect(
          answer(result, (assertion) => assertion.passFinding(`${objective}/one`)),
          objective,
        ).to.equal(expected);
      }
    }
    const dishonest = having('loadQuality', 'inconclusive');
    const [left] = dishonest.findings.filter(({ objective }) => objective === 'putBack');
    expect(
      answer(dishonest, (assertion) => assertion.passFinding(left?.id ?? '')),
      'whatever the load was',
    ).to.equal('yes');
    expect(answer(PASS, (assertion) => assertion.passFinding('latency/nothing'))).to.equal('neither');
    expect(() => expect(PASS).to.passFinding('latency/nothing')).to.throw(
      /no finding latency\/nothing; it has .*putBack/,
    );
    expect(() => expect(PASS).to.passFinding(undefined as never)).to.throw(TypeError);
  });

  it('says cause, figures in one unit, and the report', () => {
    const result = having('latency', 'fail', {
      cause: 'slow disks',
      measured: { lo: 91.5, hi: 93.25, unit: '%' },
      target: { op: '>=', value: 99, unit: '%' },
      samples: 400,
    });
    const run = { result, folder: { html: '/runs/one/report.html' } };
    expect(() => expect(run).to.keepLatency()).to.throw(
      'What is asked: slow disks (measured 91.5 to 93.25 %, wanted at least 99 %, seen in 400)\nreport: /runs/one/report.html',
    );
  });
});
