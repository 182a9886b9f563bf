import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
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
  async function after(first: ChildRun) {
    const begun: string[] = [];
    const said: string[] = [];
    const options = { target: 't.yaml', out, yes: true, wait: undefined, say: (text: string) => void said.push(text) };
    const made = await runMatrix(DRILLS, { ...options, stop: new AbortController().signal }, async (file) => {
      begun.push(basename(file, '.yaml'));
      return begun.length === 1 ? first : { code: 3 };
    });
    return { ...made, begun, said };
  }

  it('ends with a drill that was killed, tells it as that and how to find out what it has left', async () => {
    const open = { why: 'killed (SIGKILL): nobody knows what it has left', recover: 'faultline recover --out x' };
    const { matrix, codes, begun, folder } = await after({ code: 5, open });
    expect([codes, begun]).to.deep.equal([[5], ['misconfiguration']]);
    const [missing] = matrix.missing;
    expect([missing?.reason, missing?.recover]).to.deep.equal([open.why, open.recover]);
    expect(readFileSync(join(folder, 'matrix.json'), 'utf8')).to.contain('faultline recover --out x');
  });
});
