import { expect } from 'chai';
import type { Finding } from '../../../model/finding.ts';
import { isGood } from '../../../model/good.ts';
import type { Chain, RequestRecord } from '../../../model/record.ts';
import { decodeLine, emptyRecord } from '../../../model/record-codec.ts';
import type { RunResult } from '../../../model/result.ts';
import { check } from './check.ts';
import { KINDS } from './kinds.ts';
import type { Truth, TruthRun } from './truth.ts';

type Read = {
  readonly requests: { record: RequestRecord; chain: Chain | undefined; path: string }[];
  readonly corrupt: number;
};

function read(text: string): Read {
  const chains = new Map<number, Chain>();
  const paths = new Map<number, string>();
  const requests: Read['requests'] = [];
  let corrupt = 0;
  for (const [i, line] of text.trimEnd().split('\n').entries()) {
    decodeLine(line, i + 1, emptyRecord(), {
      header: () => {},
      path: (index, id) => paths.set(index, id),
      chain: (index, chain) => chains.set(index, chain),
      text: () => {},
      request: (r) => requests.push({ record: { ...r }, chain: chains.get(r.chain), path: paths.get(r.path) ?? '' }),
      corrupt: () => corrupt++,
    });
  }
  return { requests, corrupt };
}

function scenarioOf(run: TruthRun) {
  const [start] = run.history;
  if (start?.type !== 'run-start') throw new Error('the history does not begin with the run');
  return start.run.scenario;
}

/** Every `nth` kind, so that the suite stays quick. */
function some(nth: number) {
  return KINDS.filter((kind, i) => i % nth === 0 && kind.name !== 'right-huge');
}

function judged(truth: Truth, said: Partial<RunResult>): string[] {
  const result = { verdict: 'pass', reason: '', findings: [], recoveries: [], ...said } as unknown as RunResult;
  return check({ name: 'x', history: [], records: '', truth }, result).map((complaint) => complaint.kind);
}

function finding(id: string, verdict: Finding['verdict']): Finding {
  const [objective = ''] = id.split('/');
  return { id, objective, verdict, story: '' } as unknown as Finding;
}

describe('analysis/testing/second', () => {
  it('names every kind once and says which rule it is about, and why', () => {
    expect(new Set(KINDS.map((kind) => kind.name)).size).to.equal(KINDS.length);
    for (const kind of KINDS) {
      expect(kind.rule, kind.name).to.match(/^[RWSCTFOBUEHX]\d(, [RWSCTFOBUEHX]\d)*$/);
      expect(kind.why.length, kind.name).to.be.greaterThan(10);
    }
  });

  it('makes the same run of the same seed, and another of another', () => {
    for (const kind of some(17)) {
      const [one, two, other] = [kind.make(1), kind.make(1), kind.make(2)];
      expect(two.records === one.records, kind.name).to.equal(true);
      expect(two.history, kind.name).to.deep.equal(one.history);
      expect(other.records === one.records, kind.name).to.equal(false);
    }
  });

  it('writes histories in order of number and time, and records that can be read', () => {
    const torn = ['lost-chain-line', 'foreign-lines', 'torn-last-line', 'truncated', 'truncated-before-the-fault'];
    for (const kind of some(13)) {
      const run = kind.make(3);
      expect(
        run.history.map((event) => event.seq),
        kind.name,
      ).to.deep.equal([...run.history.keys()]);
      if (!torn.includes(kind.name)) expect(read(run.records).corrupt, kind.name).to.equal(0);
    }
  });

  it('knows the true moment of recovery: between the last bad request and the first good one', () => {
    const kinds = KINDS.filter((kind) =>
      /^(outage-of-known|hanging$|too-slow|right-(plain|fast|propagated))/.test(kind.name),
    );
    for (const kind of kinds) {
      const run = kind.make(4);
      const { effect = 0, recovery } = run.truth;
      const { good } = scenarioOf(run).load;
      const moment = effect + (recovery?.lateness ?? 0);
      const mine = read(run.records).requests.filter((r) => r.path === recovery?.path && r.record.due < moment + 5e6);
      const bad = mine.filter((r) => !isGood(r.record, r.chain, good) && r.record.end > effect);
      const last = Math.max(...bad.map((r) => r.record.start));
      const after = mine.filter((r) => r.record.start > last).map((r) => r.record.end);
      expect(bad.length, kind.name).to.be.greaterThan(0);
      expect(last, kind.name).to.be.at.most(moment);
      expect(Math.min(...after), kind.name).to.be.at.least(moment);
    }
  });

  it('complains of each kind of mistake', () => {
    const right: Truth = { verdicts: ['pass'], failures: [], timid: true };
    const broken: Truth = { verdicts: ['fail'], mustFail: ['recoveryTime'], failures: ['recoveryTime'], timid: true };
    expect(judged(right, {})).to.deep.equal([]);
    expect(judged(right, { verdict: 'inconclusive' })).to.deep.equal(['timid']);
    expect(judged(right, { verdict: 'fail' })).to.deep.equal(['false-fail']);
    expect(judged(broken, {})).to.deep.equal(['false-pass']);
    const failed = (id: string) => judged(broken, { verdict: 'fail', findings: [finding(id, 'fail')] });
    expect(failed('recoveryTime/a')).to.deep.equal([]);
    expect(failed('failback/a')).to.deep.equal(['false-fail', 'wrong-reason']);
    const doubt: Truth = { verdicts: ['inconclusive'], mustNotPass: ['unaffected/a'], timid: false };
    const findings = [finding('unaffected/a', 'pass')];
    expect(judged(doubt, { verdict: 'inconclusive', findings })).to.deep.equal(['false-pass']);
    expect(judged({ ...right, effect: 50 }, { zeroFrom: 10, zero: 60 })).to.deep.equal([]);
    expect(judged({ ...right, effect: 70 }, { zeroFrom: 10, zero: 60 })).to.deep.equal(['interval-misses']);
  });
});
