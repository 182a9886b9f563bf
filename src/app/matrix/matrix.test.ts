import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { EXIT, signalCode } from '../../model/exit.ts';
import type { ChildRun } from './child-run.ts';
import { runMatrix } from './matrix.ts';

/** Drills of a square each, in the order in which they are begun. */
const DRILLS = ['misconfiguration', 'region', 'service'].map(
  (name) => `scenarios/topologies/single-cluster/${name}.yaml`,
);

describe('a matrix', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'faultline-matrix-'));
  });
  afterEach(() => rmSync(out, { recursive: true }));

  /** What becomes of it where its first drill ends so, on clusters that they share. */
  async function withFirst(first: ChildRun) {
    const begun: string[] = [];
    const said: string[] = [];
    const options = { target: 't.yaml', out, yes: true, wait: undefined, say: (text: string) => void said.push(text) };
    const made = await runMatrix(DRILLS, { ...options, stop: new AbortController().signal }, async (file) => {
      begun.push(basename(file, '.yaml'));
      return begun.length === 1 ? first : { code: 3 };
    });
    return { ...made, begun, said };
  }

  it('ends after a drill as several scenarios of one command do, says which it has not begun, and counts them', async () => {
    for (const code of [EXIT.aborted, EXIT.undoIncomplete, EXIT.internal, signalCode('SIGHUP')]) {
      const { matrix, begun, said, codes } = await withFirst({ code });
      expect([begun, codes], `${code}`).to.deep.equal([['misconfiguration'], [code]]);
      const others = DRILLS.slice(1).join(', ');
      expect(said.at(-1)).to.equal(`exit code ${code} of ${DRILLS[0]}: not begun any more: ${others}`);
      expect(matrix.missing.map(({ failure }) => failure)).to.deep.equal(['misconfiguration', 'region', 'service']);
      expect(matrix.failures, 'their squares stay').to.deep.equal(['service', 'misconfiguration', 'region']);
    }
    expect((await withFirst({ code: EXIT.pass, problem: 'disk full' })).begun).to.have.length(1);
  });

  it('runs nothing where its folder cannot be made', async () => {
    writeFileSync(join(out, 'file'), '');
    const options = { target: 't.yaml', out: join(out, 'file'), yes: true, wait: undefined, say: () => {} };
    const made = runMatrix(DRILLS, { ...options, stop: new AbortController().signal }, () => {
      throw new Error('run');
    });
    const error = await made.catch((cause: unknown) => cause);
    expect(error).to.include({ code: 'RUN_FOLDER' });
  });

  it('goes on after any verdict, and after a drill that was refused', async () => {
    for (const code of [EXIT.pass, EXIT.objectiveFailed, EXIT.inconclusive, EXIT.refused, EXIT.usage]) {
      const { begun, said } = await withFirst({ code });
      expect(begun, `${code}`).to.have.length(3);
      expect(said.join()).to.not.contain('not begun');
    }
  });

  it('begins none after such a drill two at a time, and lets go on to its end what was begun beside it', async function () {
    if (availableParallelism() < 2) this.skip();
    const aborted = Promise.withResolvers<ChildRun>();
    const beside = Promise.withResolvers<ChildRun>();
    const ends = [aborted, beside];
    const options = { target: 'sandbox', out, yes: true, wait: undefined, say: () => {} };
    let begun = 0;
    const made = runMatrix(DRILLS, { ...options, stop: new AbortController().signal }, () => {
      const end = ends[begun++]?.promise ?? Promise.resolve({ code: EXIT.pass });
      return end;
    });
    aborted.resolve({ code: EXIT.aborted });
    await new Promise(setImmediate);
    beside.resolve({ code: EXIT.pass });
    expect([(await made).codes, begun]).to.deep.equal([[EXIT.aborted, EXIT.objectiveFailed], 2]);
  });

  it('ends with a drill that was killed, tells it as that and how to find out what it has left', async () => {
    const open = { why: 'killed (SIGKILL): nobody knows what it has left', recover: 'faultline recover --out x' };
    const { matrix, codes, begun, folder } = await withFirst({ code: 5, open });
    expect([codes, begun]).to.deep.equal([[5], ['misconfiguration']]);
    const [missing, next] = matrix.missing;
    expect([missing?.reason, missing?.recover]).to.deep.equal([open.why, open.recover]);
    expect(next?.reason).to.match(/^not begun after .* \(exit code 5\)$/);
    expect(readFileSync(join(folder, 'matrix.json'), 'utf8')).to.contain('faultline recover --out x');
  });
});
