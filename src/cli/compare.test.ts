import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RunResult } from '../model/result.ts';
import { FIXTURES } from '../report/fixtures/index.ts';
import { serializeResult } from '../report/index.ts';
import { compareCommand } from './commands/compare.ts';
import { gateCommand } from './commands/gate.ts';

/** What a command prints, with its exit code. */
async function said(act: () => Promise<number>): Promise<{ code: number; text: string }> {
  const parts: string[] = [];
  const streams = [process.stdout, process.stderr] as const;
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) stream.write = (text: string | Uint8Array) => parts.push(String(text)) > 0;
  try {
    return { code: await act(), text: parts.join('') };
  } finally {
    for (const [at, stream] of streams.entries()) stream.write = writes[at] as typeof stream.write;
  }
}

describe('the commands over many runs', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-trend-'));
    for (const name of ['pass', 'fail']) {
      const result = FIXTURES[name] as RunResult;
      mkdirSync(join(dir, name));
      writeFileSync(
        join(dir, name, 'result.json'),
        serializeResult({ ...result, run: { ...result.run, runId: name } }),
      );
    }
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('compare: a baseline is kept, held against, and not replaced by something worse', async () => {
    const baseline = join(dir, 'baseline.json');
    const compare = (paths: string[], options: { baseline?: string; saveBaseline?: string }) =>
      said(() => compareCommand(paths, { output: 'text', ...options }));
    expect((await compare([join(dir, 'pass')], { saveBaseline: baseline })).code).to.equal(0);
    const kept = readFileSync(baseline, 'utf8');
    const worse = await compare([join(dir, 'fail')], { baseline, saveBaseline: baseline });
    expect([worse.code, readFileSync(baseline, 'utf8') === kept]).to.deep.equal([1, true]);
    expect(worse.text).to.contain('compare=worse').and.to.contain('not written');
    expect((await compare([join(dir, 'pass')], { baseline })).code).to.equal(0);
    const better = await compare([join(dir, 'fail'), join(dir, 'pass')], { saveBaseline: join(dir, 'other.json') });
    expect([better.code, existsSync(join(dir, 'other.json'))]).to.deep.equal([0, true]);
    writeFileSync(baseline, kept.slice(0, 900));
    expect((await compare([join(dir, 'pass')], { baseline })).code, 'a torn one').to.equal(2);
  });

  it('compare: what is missing or one too many is usage', async () => {
    const paths = ['pass', 'fail', 'pass'].map((name) => join(dir, name));
    const codeOf = async (given: string[], baseline?: string) =>
      (await said(() => compareCommand(given, { output: 'json', ...(baseline !== undefined && { baseline }) }))).code;
    expect(await codeOf(paths)).to.equal(2);
    expect(await codeOf(paths.slice(0, 1))).to.equal(2);
    expect(await codeOf([join(dir, 'nowhere'), join(dir, 'pass')])).to.equal(2);
  });

  it('gate: says the same as JSON, as Markdown and as JUnit', async () => {
    const gate = (output: 'text' | 'json' | 'markdown' | 'junit', more: object = {}) =>
      said(() => gateCommand([dir], { output, ...more }));
    const json = await gate('json');
    expect([json.code, JSON.parse(json.text).decision]).to.deep.equal([1, 'not-met']);
    expect((await gate('markdown')).text).to.contain('NOT MET');
    expect((await gate('junit')).text).to.contain('failures="2"');
    expect((await gate('text', { passRate: '0.95' })).code).to.equal(6);
    expect((await gate('text', { passRate: '95' })).code).to.equal(2);
    expect((await gate('text', { expect: 'fail:nothing' })).text).to.contain('What can fail: ');
  });
});
