import { expect } from 'chai';
import type { Finding } from '../model/finding.ts';
import type { RunResult } from '../model/result.ts';
import { serializeResult } from '../report/index.ts';
import { FIXTURES } from '../report/testing/results/index.ts';
import { parseFile, readRun } from './read-result.ts';
import { recordedRun } from './recorded-run.ts';

const pass = FIXTURES.pass as RunResult;

function readText(text: string, path = 'x') {
  const parsed = parseFile(text);
  return 'problem' in parsed ? parsed : readRun(parsed.json, path, recordedRun);
}

function read(result: RunResult) {
  const found = readText(serializeResult(result), 'x/result.json');
  if ('problem' in found) throw new Error(found.problem);
  return found.run;
}

function finding(changes: Partial<Finding>): Finding {
  const [one] = pass.findings as [Finding];
  const { measured: _, ...bare } = one;
  return { ...bare, id: 'recoveryTime/x', objective: 'recoveryTime', verdict: 'pass', ...changes };
}

describe('a result among many', () => {
  it('is read from what every version writes', () => {
    for (const result of Object.values(FIXTURES)) {
      const run = read(result);
      expect([run.runId, run.exitCode, run.path]).to.deep.equal([result.run.runId, result.exitCode, 'x/result.json']);
    }
    const outcomes = ['pass', 'fail', 'inconclusive', 'refused'].map(
      (name) => read(FIXTURES[name] as RunResult).outcome,
    );
    expect(outcomes).to.deep.equal(['pass', 'fail', 'inconclusive', 'not-tested']);
  });

  it('has the longest recovery of its paths, open where one is', () => {
    const of = (...findings: Finding[]) => read({ ...pass, findings }).recovery;
    const measured = (lo: number, hi: number | null) => ({ measured: { lo, hi, unit: 's' as const } });
    const quiet = finding({});
    expect(of(quiet, finding(measured(0.3, 0.4)), finding(measured(0.2, 0.9)))).to.deep.equal({ lo: 0.3, hi: 0.9 });
    expect(of(quiet)).to.deep.equal({ lo: 0, hi: 1 / pass.run.scenario.load.ratePerSecond });
    expect(of(quiet, finding({ verdict: 'fail', ...measured(9, null) }))).to.deep.equal({ lo: 9, hi: null });
    expect(of(finding({ verdict: 'inconclusive', ...measured(0.1, 0.2) }))).to.deep.equal({ lo: 0, hi: null });
    expect(of(finding({ verdict: 'inconclusive' }))).to.equal(undefined);
    expect(of()).to.equal(undefined);
    const [row] = pass.recoveries;
    const open = { ...pass, findings: [quiet], recoveries: [{ ...row, state: 'not-recovered' }] } as RunResult;
    expect(read(open).recovery).to.include({ hi: null });
  });

  it('that was aborted because it hurt too much has failed and not recovered, for another reason has said nothing', () => {
    const of = (condition: 'errorShare' | 'noContact', ends: boolean) => {
      const met = { condition, ends, measured: '', since: 0, limit: '', graceMs: 0, at: 0 };
      const { outcome, recovery } = read({ ...pass, status: 'aborted', exitCode: 4, abortConditions: [met] });
      return [outcome, recovery?.hi === null];
    };
    expect([of('errorShare', true), of('errorShare', false), of('noContact', true)]).to.deep.equal([
      ['fail', true],
      ['error', false],
      ['error', false],
    ]);
  });

  it('is told from what is torn, empty, foreign, of another version or not whole', () => {
    const text = serializeResult(pass);
    const problemOf = (bytes: string) => {
      const found = readText(bytes);
      return 'problem' in found ? found.problem : undefined;
    };
    expect(problemOf(text)).to.equal(undefined);
    for (let at = 0; at < text.length - 2; at += Math.ceil(text.length / 40))
      expect(problemOf(text.slice(0, at)), `${at}`).to.match(/torn|empty/);
    const changed = (changes: object) => problemOf(JSON.stringify({ ...pass, ...changes }));
    expect(problemOf('{"name":"other tool"}')).to.equal('not a result of faultline');
    expect([problemOf('null'), problemOf('[]'), problemOf('7')]).to.deep.equal(
      new Array(3).fill('not a result of faultline'),
    );
    expect(changed({ format: 'faultline/result/v2' })).to.contain('another version');
    for (const key of ['run', 'startedAt', 'status', 'verdict', 'exitCode', 'findings', 'putBack', 'budget'])
      expect(changed({ [key]: undefined }), key).to.contain('missing');
    expect(changed({ findings: [finding({ measured: { lo: 2, hi: 1, unit: 's' } })] })).to.contain('findings');
    expect(changed({ startedAt: 'yesterday' })).to.contain('startedAt');
  });

  it('contradicts itself where somebody has only changed its verdict or its code', () => {
    const fail = FIXTURES.fail as RunResult;
    for (const changes of [
      { verdict: 'pass' },
      { exitCode: 0 },
      { exitCode: 0, putBack: { ...fail.putBack, state: 'incomplete' } },
    ])
      expect(readText(JSON.stringify({ ...fail, ...changes }))).to.have.property('problem');
  });
});
