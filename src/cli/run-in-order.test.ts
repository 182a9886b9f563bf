import { expect } from 'chai';
import type { FinishedRun } from '../app/drill/run-scenario.ts';
import { EXIT, signalCode } from '../model/exit.ts';
import { runInOrder } from './run-in-order.ts';

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
});
