import { expect } from 'chai';
import { FAILED, found, OPEN, REQUIRED, runOf, runsOf, UNTESTED } from '../testing/runs.ts';
import type { Gate } from './found.ts';
import { gate, hopeless } from './gate.ts';
import type { Requirements } from './requirements.ts';

const RECOVERY: Requirements = {
  confidence: 0.95,
  recovery: { quantile: 0.95, withinMs: 5000 },
  maxUndecided: { runs: 0 },
};
const needsOf = (decided: Gate): unknown =>
  decided.groups[0]?.answers.map((answer) => ('needs' in answer ? answer.needs : undefined))[0];
const recoveryOf = (decided: Gate) => decided.groups[0]?.answers.find(({ name }) => name === 'recovery');

describe('gate: the pass rate', () => {
  it('is met by 59 runs without a miss, by 93 with one, and says how many it needs', () => {
    const of = (passes: number, fails: number) =>
      gate(found(...runsOf(passes), ...runsOf(fails, FAILED, 'f')), REQUIRED);
    expect([of(59, 0).decision, of(92, 1).decision].join()).to.equal('met,met');
    expect([of(58, 0).decision, needsOf(of(58, 0))]).to.deep.equal(['undecided', 59]);
    expect([of(91, 1).decision, needsOf(of(91, 1))]).to.deep.equal(['undecided', 93]);
    expect([of(10, 10).decision, needsOf(of(10, 10))]).to.deep.equal(['not-met', undefined]);
    expect([of(59, 0), of(58, 0), of(10, 10)].map(({ exitCode }) => exitCode)).to.deep.equal([0, 6, 1]);
  });

  it('counts a run that was aborted because it hurt too much as a miss', () => {
    const aborted = runOf({ outcome: 'fail', exitCode: 4, recovery: { lo: 0, hi: null } });
    expect(gate(found(...runsOf(58), aborted), { ...REQUIRED, maxUndecided: { share: 1 } }).decision).to.equal(
      'undecided',
    );
    expect(gate(found(...runsOf(92), aborted), REQUIRED).decision).to.equal('met');
  });

  it('has the interval of Clopper and Pearson', () => {
    const [answer] = gate(found(...runsOf(5), ...runsOf(5, FAILED, 'f')), REQUIRED).groups[0]?.answers ?? [];
    if (answer?.name !== 'passRate') throw new Error('no answer');
    expect(answer.interval?.lo).to.be.closeTo(0.1871, 5e-5);
    expect(answer.interval?.hi).to.be.closeTo(0.8129, 5e-5);
  });
});

describe('gate: runs that decide nothing', () => {
  it('are counted apart, and no more of them than allowed', () => {
    const runs = [...runsOf(59), ...runsOf(2, OPEN, 'o'), ...runsOf(1, UNTESTED, 'u')];
    const of = (maxUndecided: Requirements['maxUndecided']) =>
      gate(found(...runs), { ...REQUIRED, maxUndecided }).decision;
    expect([of({ runs: 0 }), of({ runs: 2 }), of({ runs: 3 })]).to.deep.equal(['undecided', 'undecided', 'met']);
    expect([of({ share: 0.04 }), of({ share: 0.05 })]).to.deep.equal(['undecided', 'met']);
  });

  it('are files that cannot be read, too, whichever scenario they are of', () => {
    const torn = { ...found(...runsOf(59)), unreadable: [{ path: 'x/result.json', problem: 'torn' }] };
    expect(gate(torn, REQUIRED).decision).to.equal('undecided');
    expect(gate(torn, { ...REQUIRED, maxUndecided: { runs: 1 } }).decision).to.equal('met');
  });

  it('never hide what one has left behind', () => {
    const left = { ...found(...runsOf(59)), leftBehind: ['reports/a1/result.json'] };
    expect(gate(left, REQUIRED)).to.include({ exitCode: 5, decision: 'undecided' });
  });

  it('show nothing where there is no run at all, whatever may be undecided', () => {
    const none = { ...found(), unreadable: [{ path: 'x/result.json', problem: 'torn' }] };
    for (const asked of [REQUIRED, RECOVERY, { confidence: 0.95, maxUndecided: { runs: 0 } }])
      expect(gate(none, { ...asked, maxUndecided: { share: 1 } }).decision).to.equal('undecided');
  });

  it('are all of them where there is none else', () => {
    expect(gate(found(...runsOf(9, OPEN)), { ...REQUIRED, maxUndecided: { share: 1 } }).decision).to.equal('undecided');
  });
});

describe('gate: a percentile of the recovery time', () => {
  it('is shown by 59 runs, and is the value that order statistics say', () => {
    const spread = (n: number) =>
      Array.from({ length: n }, (_, i) => runOf({ recovery: { lo: i / 100, hi: (i + 1) / 100 } }));
    expect(gate(found(...spread(58)), RECOVERY).decision).to.equal('undecided');
    expect(needsOf(gate(found(...spread(58)), RECOVERY))).to.equal(59);
    const of59 = gate(found(...spread(59)), RECOVERY);
    expect([of59.decision, recoveryOf(of59)]).to.deep.include.members(['met']);
    expect(recoveryOf(of59)).to.include({ atMost: 0.59, misses: 0, n: 59 });
    // With 93 runs the second largest is the limit.
    expect(recoveryOf(gate(found(...spread(93)), RECOVERY))).to.include({ atMost: 0.92 });
  });

  it('takes a run that has not recovered as beyond any bound, and an interval by its worse end', () => {
    const with1 = (changes: Parameters<typeof runOf>[0]) => gate(found(...runsOf(58), runOf(changes)), RECOVERY);
    expect(with1({}).decision).to.equal('met');
    const censored = with1({ recovery: { lo: 20, hi: null } });
    expect([censored.decision, needsOf(censored)]).to.deep.equal(['undecided', 93]);
    expect(recoveryOf(censored)).to.include({ atMost: null });
    expect(with1({ recovery: { lo: 4.9, hi: 5.1 } }).decision).to.equal('undecided');
    expect(with1({ recovery: { lo: 4.9, hi: 5 } }).decision).to.equal('met');
  });

  it('is not met only by what took longer for certain', () => {
    const of = (lo: number, hi: number | null) =>
      gate(found(...runsOf(20, { recovery: { lo, hi } })), RECOVERY).decision;
    expect([of(5.1, 9), of(20, null), of(5, 9), of(4.9, null), of(0, null)].join()).to.equal(
      'not-met,not-met,undecided,undecided,undecided',
    );
  });

  it('is not made of runs that were not judged to their end', () => {
    const cut = runOf({ outcome: 'error', exitCode: 4, recovery: { lo: 20, hi: null } });
    const asked = { ...RECOVERY, maxUndecided: { runs: 1 } };
    expect(recoveryOf(gate(found(...runsOf(59), cut), asked))).to.include({ decision: 'met', n: 59 });
  });

  it('is not shown by runs that were judged without asking for it', () => {
    const { recovery: _, ...without } = runOf();
    const decided = gate(found(...Array.from({ length: 99 }, () => without)), RECOVERY);
    expect([decided.decision, recoveryOf(decided)]).to.deep.include.members(['undecided']);
    expect(recoveryOf(decided)).to.include({ unmeasured: 99 });
  });
});

describe('gate: errors added up', () => {
  it('count those of every run, and leave open what noise and unknown requests do', () => {
    const of = (bad: number, doubtful: number, unknown: number) =>
      gate(found(...runsOf(3), runOf({ errors: { bad, doubtful, unknown, all: 1000 } })), {
        confidence: 0.95,
        errors: 0.01,
        maxUndecided: { runs: 0 },
      }).decision;
    expect([of(37, 0, 0), of(38, 0, 0), of(38, 1, 0), of(37, 0, 1)]).to.deep.equal([
      'met',
      'not-met',
      'undecided',
      'undecided',
    ]);
  });
});

describe('gate: runs of several kinds', () => {
  it('are parted by scenario and target, and every part must meet it', () => {
    const other = { scenario: { name: 'zone-blackhole', sha256: 'ff' } };
    const decided = gate(found(...runsOf(59), ...runsOf(3, other, 'o')), REQUIRED);
    expect(decided.groups.map(({ scenario, decision }) => [scenario, decision])).to.deep.equal([
      ['service-failover', 'met'],
      ['zone-blackhole', 'undecided'],
    ]);
    expect(decided.decision).to.equal('undecided');
    const sandbox = { target: { name: 'sandbox', kind: 'sandbox' } };
    expect(gate(found(...runsOf(58, sandbox, 's'), runOf()), REQUIRED).decision).to.equal('undecided');
  });

  it('tell of other files of the scenario and other versions', () => {
    const changed = { scenario: { name: 'service-failover', sha256: 'ff' }, versions: { faultline: '0.2.0' } };
    const [group] = gate(found(...runsOf(2), runOf(changed)), REQUIRED).groups;
    expect(group?.mixed).to.deep.equal([
      {
        what: 'scenario file',
        values: [
          { value: '55a094b378e1', runs: 2 },
          { value: 'ff', runs: 1 },
        ],
      },
      {
        what: 'faultline',
        values: [
          { value: '0.1.0', runs: 2 },
          { value: '0.2.0', runs: 1 },
        ],
      },
      {
        what: 'istio',
        values: [
          { value: '1.31.0', runs: 2 },
          { value: 'unknown', runs: 1 },
        ],
      },
    ]);
  });
});

describe('gate: where nothing is required', () => {
  it('every run must end as expected, and nothing is estimated', () => {
    const nothing: Requirements = { confidence: 0.95, maxUndecided: { runs: 0 } };
    const of = (...runs: ReturnType<typeof runOf>[]) => gate(found(...runs), nothing).decision;
    expect([of(runOf()), of(runOf(), runOf(FAILED)), of(runOf(), runOf(OPEN)), of(runOf(OPEN))]).to.deep.equal([
      'met',
      'not-met',
      'undecided',
      'undecided',
    ]);
  });
});

describe('gate: before the first run', () => {
  it('says how many it needs where too few are planned', () => {
    expect([hopeless(59, REQUIRED), hopeless(59, RECOVERY)]).to.deep.equal([undefined, undefined]);
    expect(hopeless(58, REQUIRED)).to.contain('needs 59 runs without a miss, has 58');
    expect(hopeless(58, RECOVERY)).to.contain('needs 59 runs without a miss, has 58');
    expect(hopeless(1, { confidence: 0.95, errors: 0.01, maxUndecided: { runs: 0 } })).to.equal(undefined);
  });
});

describe('gate: drills that must fail', () => {
  it('count as they should when they end exactly as expected', () => {
    const expected = { verdict: 'fail', findings: ['errorBudget'], besides: [] } as const;
    const of = (changes: Parameters<typeof runOf>[0]) =>
      gate(found(...runsOf(58, FAILED), runOf(changes)), { ...REQUIRED, expected }).decision;
    const other = [{ id: 'failback', objective: 'failback', verdict: 'fail' as const }];
    expect([of(FAILED), of({}), of({ ...FAILED, findings: other }), of(OPEN)]).to.deep.equal([
      'met',
      'undecided',
      'undecided',
      'undecided',
    ]);
  });
});
