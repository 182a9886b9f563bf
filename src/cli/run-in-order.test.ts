import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FinishedRun } from '../app/drill/run-scenario.ts';
import { EXIT, signalCode } from '../model/exit.ts';
import { refuseTogether, runInOrder } from './run-in-order.ts';
import { faultline } from './testing/live-sandbox.ts';

/** Which of three files are run where the first ends with this code, and what is said. */
async function runsAfter(first: number, stop = new AbortController().signal) {
  const said: string[] = [];
  const runOne = async (file: string) => ({ file, exit: file === 'a.yaml' ? first : EXIT.pass });
  const ports = { stop, say: (text: string) => void said.push(text) };
  const done = await runInOrder(['a.yaml', 'b.yaml', 'c.yaml'], runOne, ports);
  return { run: done.map(({ file }) => file).join(' '), said: said.join() };
}

const ALL = 'a.yaml b.yaml c.yaml';

describe('several scenarios in one command', () => {
  it('go on after any verdict, and after one that was refused', async () => {
    for (const code of [EXIT.pass, EXIT.objectiveFailed, EXIT.inconclusive, EXIT.refused, EXIT.usage]) {
      expect(await runsAfter(code), String(code)).to.deep.equal({ run: ALL, said: '' });
    }
  });

  it('end with one that was aborted, has left something, was ended by a signal, or ended nobody knows how', async () => {
    for (const code of [EXIT.aborted, EXIT.undoIncomplete, EXIT.internal, signalCode('SIGHUP')]) {
      const said = `exit code ${code} of a.yaml: not begun any more: b.yaml, c.yaml`;
      expect(await runsAfter(code)).to.deep.equal({ run: 'a.yaml', said });
    }
  });

  it('end with one whose reports could not be written, whatever its verdict is', async () => {
    for (const [problem, runs] of [
      [undefined, 2],
      ['disk full', 1],
    ] as const) {
      const finished = { ...(problem && { problem }) } as FinishedRun;
      const runOne = async (file: string) => ({ file, exit: EXIT.objectiveFailed, finished });
      const ports = { stop: new AbortController().signal, say: () => {} };
      expect(await runInOrder(['a.yaml', 'b.yaml'], runOne, ports)).to.have.length(runs);
    }
  });

  it('end with a signal, though the run that it met had just been judged', async () => {
    expect((await runsAfter(EXIT.pass, AbortSignal.abort())).run).to.equal('a.yaml');
  });

  it('say nothing of others where the last one ends so', async () => {
    const said: string[] = [];
    const ports = { stop: new AbortController().signal, say: (text: string) => void said.push(text) };
    await runInOrder(['a.yaml'], async (file) => ({ file, exit: EXIT.aborted }), ports);
    expect(said).to.deep.equal([]);
  });

  it('are none where one of them cannot be run', () => {
    const cases: readonly [bad: string, said: string, of: readonly (number | undefined)[]][] = [
      ['', '', []],
      ['b.yaml', 'not begun, since b.yaml cannot be run: a.yaml, c.yaml', [undefined, EXIT.usage, undefined]],
      ['a.yaml c.yaml', 'not begun, since a.yaml, c.yaml cannot be run: b.yaml', [EXIT.usage, undefined, EXIT.usage]],
      [ALL, '', [EXIT.usage, EXIT.usage, EXIT.usage]],
    ];
    for (const [bad, text, exits] of cases) {
      const said: string[] = [];
      const refuse = (file: string) => (bad.includes(file) ? { file, exit: EXIT.usage, problem: 'no' } : undefined);
      const done = refuseTogether(ALL.split(' '), refuse, (one) => void said.push(one));
      expect([said.join(), done?.map(({ exit }) => exit) ?? []], bad).to.deep.equal([text, exits]);
      if (done !== undefined) expect(done.map(({ file }) => file).join(' ')).to.equal(ALL);
    }
  });

  it('are told which cannot be run, and nothing is run', async () => {
    const out = mkdtempSync(join(tmpdir(), 'faultline-none-'));
    const broken = join(out, 'broken.yaml');
    writeFileSync(broken, 'kind: Scenario\n');
    const good = 'scenarios/service-failover.yaml';
    for (const [bad, code] of [
      ['nowhere.yaml', 'FILE_UNREADABLE'],
      [broken, 'FIELD_MISSING'],
    ] as const) {
      const end = await faultline('run', good, bad, good, '--target', 'sandbox', '--out', out);
      expect(end.code, end.stdout).to.equal(EXIT.usage);
      expect(end.stderr).to.contain(code).and.contain(`not begun, since ${bad} cannot be run: ${good}, ${good}`);
      expect(end.stdout).to.contain('faultline runs=3 pass=0 fail=0 inconclusive=0 not_tested=0 not_run=3 exit=2');
      expect(end.stderr).to.not.contain('phase baseline');
      const junit = readFileSync(join(out, 'latest-runs', 'junit.xml'), 'utf8');
      expect(junit.match(/<testsuite /g)).to.have.length(3);
      expect(junit).to.contain(`it was not begun: ${bad} cannot be run`);
    }
    rmSync(out, { recursive: true });
  }).timeout(60_000);
});
