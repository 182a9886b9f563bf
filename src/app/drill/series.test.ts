import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Requirements } from '../../trend/gate/requirements.ts';
import { FAILED, OPEN, REQUIRED, runOf, UNTESTED } from '../../trend/testing/runs.ts';
import { runSeries, type SeriesRun } from './series.ts';

const NOTHING: Requirements = { confidence: 0.95, maxUndecided: { runs: 0 } };

let root: string;

/** Plays these ends, and says how many runs were made. */
async function play(
  times: number,
  requirements: Requirements,
  of: (number: number) => SeriesRun,
  stop: AbortSignal = new AbortController().signal,
) {
  let made = 0;
  const runOnce = async (number: number): Promise<SeriesRun> => {
    made += 1;
    return of(number);
  };
  const out = mkdtempSync(join(root, 'out-'));
  const { decided: decision, ...rest } = await runSeries(out, times, requirements, { runOnce, stop });
  return { ...rest, out, made, decision };
}

const good = (number: number): SeriesRun => ({ code: 0, run: runOf({ runId: `r${number}` }) });
const bad = (number: number): SeriesRun => ({ code: 1, run: runOf({ ...FAILED, runId: `r${number}` }) });

describe('a series of runs', () => {
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'faultline-series-'));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it('makes as many as asked where nothing can be decided before, and no more than needed where it can', async () => {
    const all = await play(59, REQUIRED, good);
    expect([all.made, all.series.end, all.decision.exitCode]).to.deep.equal([59, 'complete', 0]);
    const broken = await play(59, REQUIRED, bad);
    expect([broken.series.end, broken.decision.exitCode]).to.deep.equal(['decided', 1]);
    expect(broken.made).to.be.within(7, 12);
    const long = await play(124, { ...REQUIRED, maxUndecided: { runs: 2 } }, good);
    expect([long.made, long.series.end, long.decision.exitCode]).to.deep.equal([122, 'decided', 0]);
    // An inconclusive run among the last two would still leave it open.
    expect((await play(124, REQUIRED, good)).made).to.equal(124);
  });

  it('goes on to the end where nothing is required, whatever comes', async () => {
    const { made, decision } = await play(5, NOTHING, (number) => (number === 1 ? bad(number) : good(number)));
    expect([made, decision.exitCode]).to.deep.equal([5, 1]);
    const open = await play(3, NOTHING, (n) => (n === 1 ? { code: 6, run: runOf(OPEN) } : good(n)));
    expect([open.made, open.decision.exitCode]).to.deep.equal([3, 6]);
  });

  it('stops at a run that was not judged', async () => {
    for (const code of [2, 3, 4, 5, 7, 130, 143]) {
      const { made, series } = await play(9, NOTHING, (number) => (number === 3 ? { code } : good(number)));
      expect([made, series.end, series.stoppedBy], `${code}`).to.deep.equal([3, 'stopped', code]);
    }
  });

  it('has the exit code of what has stopped it, in what it writes as well, unless its own is worse', async () => {
    for (const code of [2, 3, 4, 5, 7, 130, 143]) {
      const { decision, folder = '' } = await play(9, NOTHING, (number) => (number === 3 ? { code } : good(number)));
      const written = JSON.parse(readFileSync(join(folder, 'gate.json'), 'utf8')) as { exitCode: number };
      expect([decision.exitCode, written.exitCode], `${code}`).to.deep.equal([code, code]);
      expect(readFileSync(join(folder, 'summary.md'), 'utf8')).to.contain(`Exit code \`${code}\``);
    }
    const controller = new AbortController();
    const between = (number: number): SeriesRun => {
      if (number === 2) controller.abort({ kind: 'signal', signal: 'SIGINT' });
      return good(number);
    };
    expect((await play(9, NOTHING, between, controller.signal)).decision.exitCode).to.equal(130);
  });

  it('begins no further run after a signal', async () => {
    const controller = new AbortController();
    const of = (number: number): SeriesRun => {
      if (number === 2) controller.abort();
      return good(number);
    };
    const { made, series } = await play(9, NOTHING, of, controller.signal);
    expect([made, series.end, series.stoppedBy]).to.deep.equal([2, 'stopped', undefined]);
  });

  it('ends where more runs have decided nothing than may, and goes on after one that its steady state refused', async () => {
    const refused = (number: number): SeriesRun =>
      number < 3 ? { code: 3, run: runOf({ ...UNTESTED, runId: `r${number}` }) } : good(number);
    const strict = await play(59, REQUIRED, refused);
    expect([strict.made, strict.series.end, strict.decision.exitCode]).to.deep.equal([1, 'undecided', 6]);
    const patient = await play(61, { ...REQUIRED, maxUndecided: { runs: 2 } }, refused);
    expect([patient.made, patient.decision.exitCode]).to.deep.equal([61, 0]);
    expect((await play(3, NOTHING, refused)).made).to.equal(3);
  });

  it('says what was left behind', async () => {
    const left = { code: 5, run: runOf({ outcome: 'error', exitCode: 5 }) };
    expect((await play(9, NOTHING, (number) => (number === 2 ? left : good(number)))).decision.exitCode).to.equal(5);
  });

  it('writes one file of each kind over all, and nothing of no run', async () => {
    const of = (number: number) => (number === 2 ? bad(number) : good(number));
    const { out, folder = '' } = await play(3, NOTHING, of);
    expect(readdirSync(out)).to.deep.equal(['series-r1']);
    expect(readdirSync(folder).sort()).to.deep.equal(['gate.json', 'junit.xml', 'summary.md']);
    const junit = readFileSync(join(folder, 'junit.xml'), 'utf8');
    expect(junit).to.contain('tests="5" failures="2" errors="0"').and.to.contain('name="run 2"');
    const none = await play(3, NOTHING, () => ({ code: 3 }));
    expect([none.folder, none.problem, readdirSync(none.out)]).to.deep.equal([undefined, undefined, []]);
  });

  it('says what it came to where that cannot be written, and why', async () => {
    const ports = { runOnce: async (number: number) => good(number), stop: new AbortController().signal };
    const { decided, problem, folder } = await runSeries(join(root, 'missing'), 2, NOTHING, ports);
    expect([decided.exitCode, folder]).to.deep.equal([0, undefined]);
    expect(problem).to.contain('ENOENT');
  });
});
