import { expect } from 'chai';
import type { RunResult } from '../../model/result.ts';
import { hostileTexts, toldBy } from '../../report/testing/hostile-texts.ts';
import { FIXTURES } from '../../report/testing/results/index.ts';
import { FAILED, OPEN, runOf, runsOf, UNTESTED } from '../testing/runs.ts';
import { baselineRuns, grown, isBaseline, serializeBaseline, unfit } from './baseline.ts';
import { compare } from './compare.ts';
import { type DetailedRun, detailedRun } from './detail.ts';
import { renderComparison, renderComparisonMarkdown } from './render.ts';

const detailed = (changes: Partial<DetailedRun> = {}): DetailedRun => ({
  ...runOf(),
  shares: [{ id: 'mockb from a served by b', hits: 900, n: 1000 }],
  configuration: { 'version.istio': '1.31.0' },
  ...changes,
});
const many = (count: number, changes: Partial<DetailedRun> = {}): DetailedRun[] =>
  runsOf(count).map((run) => detailed({ ...run, ...changes }));
const budget = (verdict: 'pass' | 'fail') => [{ id: 'errorBudget/perCaller', objective: 'errorBudget', verdict }];

describe('compare: what changed', () => {
  it('of real results: nothing in the same one, everything that is told in others', () => {
    const of = (name: string) => detailedRun(FIXTURES[name] as RunResult, `${name}/result.json`);
    for (const name of Object.keys(FIXTURES)) {
      const same = compare([of(name)], [of(name)]);
      expect(same.scenarios[0]?.configuration, name).to.deep.equal([]);
      expect(['same', 'open'], name).to.include(same.change);
    }
    const failed = compare([of('pass')], [of('fail')]);
    expect([failed.change, failed.exitCode]).to.deep.equal(['worse', 1]);
    expect(renderComparison(failed)).to.contain('WORSE').and.to.contain('recovery');
  });

  it('is worse where a finding fails that never did, whatever the verdict was before', () => {
    const before = detailed({
      ...FAILED,
      findings: [...budget('fail'), { id: 'failback/x', objective: 'failback', verdict: 'pass' }],
    });
    const now = detailed({
      ...FAILED,
      findings: [...budget('fail'), { id: 'failback/x', objective: 'failback', verdict: 'fail' }],
    });
    const { scenarios, exitCode } = compare([before], [now]);
    expect([exitCode, scenarios[0]?.fails.change]).to.deep.equal([1, 'same']);
    expect(scenarios[0]?.findings.map(({ id, change }) => [id, change])).to.deep.equal([['failback/x', 'worse']]);
  });

  it('is open where the runs now decide nothing, or a scenario is not run any more', () => {
    const codeOf = (a: DetailedRun[], b: DetailedRun[]) => compare(a, b).exitCode;
    const passed = detailed({ findings: budget('pass') });
    expect(codeOf([passed], [passed])).to.equal(0);
    expect(codeOf([passed], [detailed(OPEN)])).to.equal(6);
    expect(codeOf([passed], [detailed(UNTESTED)])).to.equal(6);
    const other = detailed({ scenario: { name: 'zone-blackhole', sha256: 'x' } });
    expect(codeOf([passed, other], [passed])).to.equal(6);
    expect(codeOf([passed], [passed, other])).to.equal(0);
    expect(codeOf([passed], [detailed({ outcome: 'error', exitCode: 5 })])).to.equal(5);
  });

  it('is worse where runs take longer or err more than chance explains', () => {
    const codeOf = (changes: Partial<DetailedRun>) => compare(many(19), [detailed(changes)]).exitCode;
    expect(codeOf({})).to.equal(0);
    expect(codeOf({ recovery: { lo: 1.1, hi: 1.2 } })).to.equal(1);
    expect(codeOf({ errors: { bad: 2, doubtful: 0, unknown: 0, all: 1000 } })).to.equal(1);
    expect(codeOf({ errors: { bad: 2, doubtful: 1, unknown: 0, all: 1000 } }), 'noise may explain it').to.equal(0);
  });

  it('is open where one run takes longer, or errs more, than another by more than was measured', () => {
    const codeOf = (changes: Partial<DetailedRun>, runs = 1) => compare(many(runs), [detailed(changes)]).exitCode;
    const errors = (bad: number, more: object = {}) => ({
      errors: { bad, doubtful: 0, unknown: 0, all: 1000, ...more },
    });
    for (const runs of [1, 2, 18]) {
      expect(codeOf({ recovery: { lo: 30, hi: 30.1 } }, runs), `${runs}`).to.equal(6);
      expect(codeOf(errors(100), runs), `${runs}`).to.equal(6);
    }
    expect(codeOf({ recovery: { lo: 0.95, hi: 30 } })).to.equal(0);
    expect(codeOf({ recovery: { lo: 0.1, hi: 0.2 } })).to.equal(0);
    expect(codeOf(errors(2)), 'one more of a thousand is chance').to.equal(0);
    expect(codeOf(errors(100, { doubtful: 99 })), 'noise may explain it').to.equal(0);
    const slow = compare(many(1), [detailed({ recovery: { lo: 30, hi: 30.1 } })]);
    expect(renderComparison(slow)).to.match(/compare=open exit=6 reason="recovery: /);
  });

  it('names the scenario that is not run any more as the reason', () => {
    const other = detailed({ scenario: { name: 'zone-blackhole', sha256: 'x' } });
    const third = detailed({ scenario: { name: 'pod-kill', sha256: 'x' } });
    const text = renderComparison(compare([detailed(), other, third], [detailed()]));
    expect(text).to.contain('reason="not run now: zone-blackhole, pod-kill"');
  });

  it('stands side by side for shares and configuration', () => {
    const now = detailed({
      shares: [{ id: 'mockb from a served by b', hits: 600, n: 1000 }],
      configuration: { 'version.istio': '1.32.0' },
    });
    const [change] = compare([detailed()], [now]).scenarios;
    expect(change?.shares.map(({ differs }) => differs)).to.deep.equal([true]);
    expect(change?.configuration).to.deep.equal([{ what: 'version.istio', a: '1.31.0', b: '1.32.0' }]);
  });

  it('pairs two scenarios of other names where each side has only one', () => {
    const renamed = detailed({
      scenario: { name: 'tight-rto', sha256: 'x' },
      configuration: { 'scenario.name': 'tight-rto' },
    });
    expect(compare([detailed()], [renamed]).scenarios).to.have.length(1);
  });

  it('lets no text of a run out of its place', () => {
    const texts = hostileTexts(11);
    for (let i = 0; i < 100; i++) {
      const text: string = texts.next().value;
      const now = detailed({ configuration: { [text]: text }, shares: [{ id: text, hits: 1, n: 2 }] });
      const comparison = compare(
        [detailed({ scenario: { name: text, sha256: '' }, shares: [{ id: text, hits: 1, n: 2 }] })],
        [now],
      );
      expect(toldBy(renderComparison(comparison))).to.deep.equal([]);
      expect(renderComparisonMarkdown(comparison)).to.not.match(/<(?!br>)[a-z/!]/i);
    }
  });
});

describe('compare: a baseline file', () => {
  it('gives back what it was made of, and says when it does not hold it', () => {
    const runs = many(3);
    const text = serializeBaseline(runs);
    expect(baselineRuns(JSON.parse(text))).to.deep.equal(runs);
    expect(isBaseline(FIXTURES.pass)).to.equal(false);
    expect(baselineRuns({ format: 'faultline/baseline/v2', runs })).to.equal(undefined);
    for (const broken of [[], [null], [{}], [{ ...runs[0], findings: 'none' }], undefined])
      expect(baselineRuns({ format: 'faultline/baseline/v1', runs: broken })).to.equal(undefined);
  });

  it('grows by the runs that were held against it, each once', () => {
    const [before, now] = [many(3), many(2).map((run, i) => ({ ...run, runId: `b${i}` }))];
    expect(grown(before, now)).to.deep.equal([...before, ...now]);
    expect(grown(before, [...now, ...many(3, { exitCode: 1 })])).to.deep.equal([...before, ...now]);
  });

  it('does not begin with what has left something, or with a scenario that has decided nothing', () => {
    expect(unfit(many(2))).to.equal(undefined);
    expect(unfit([...many(2), detailed(FAILED), detailed(OPEN)])).to.equal(undefined);
    expect(unfit([detailed(), detailed({ runId: 'left', exitCode: 5 })])).to.deep.equal({
      why: 'run left has left something behind',
      exitCode: 5,
    });
    for (const open of [OPEN, UNTESTED, { outcome: 'error', exitCode: 4 } as const]) {
      const other = detailed({ ...open, scenario: { name: 'pod-kill', sha256: 'x' } });
      expect(unfit([...many(2), other])).to.deep.equal({ why: 'no run of pod-kill has decided anything', exitCode: 6 });
    }
  });
});
