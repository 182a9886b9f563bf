import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RunResult } from '../model/result.ts';
import { serializeResult } from '../report/index.ts';
import { FIXTURES } from '../report/testing/results/index.ts';
import { compareCommand } from './commands/compare.ts';
import { gateCommand } from './commands/gate.ts';
import { historyCommand } from './commands/history.ts';

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

  it('compare: a folder that nobody can look into is named on either side, and nothing is compared without it', async () => {
    const runs = join(dir, 'runs');
    mkdirSync(runs);
    symlinkSync('closed', join(runs, 'closed'));
    writeFileSync(join(runs, 'result.json'), readFileSync(join(dir, 'pass', 'result.json'), 'utf8'));
    for (const sides of [
      [runs, join(dir, 'pass')],
      [join(dir, 'pass'), runs],
    ]) {
      const { code, text } = await said(() => compareCommand(sides, { output: 'text' }));
      expect(code).to.equal(2);
      expect(text).to.contain(`error RUN_FOLDER: ${join(runs, 'closed')}: cannot be read: ELOOP`);
      expect(text).to.not.contain('compare=');
    }
    const saved = join(dir, 'none.json');
    expect((await said(() => compareCommand([runs], { output: 'text', saveBaseline: saved }))).code).to.equal(2);
    expect(existsSync(saved)).to.equal(false);
  });

  it('compare: a baseline grows, and no run that is much slower gets into it', async () => {
    const baseline = join(dir, 'baseline.json');
    const runs = () => JSON.parse(readFileSync(baseline, 'utf8')).runs.length as number;
    const hold = (name: string, seconds: number) => {
      const result = FIXTURES.pass as RunResult;
      const findings = result.findings.map((one) =>
        one.objective === 'recoveryTime'
          ? { ...one, measured: { ...one.measured, lo: seconds, hi: seconds + 0.1 } }
          : one,
      ) as RunResult['findings'];
      mkdirSync(join(dir, name), { recursive: true });
      writeFileSync(
        join(dir, name, 'result.json'),
        serializeResult({ ...result, findings, run: { ...result.run, runId: name } }),
      );
      return said(() => compareCommand([join(dir, name)], { output: 'text', baseline, saveBaseline: baseline }));
    };
    await said(() => compareCommand([join(dir, 'pass')], { output: 'text', saveBaseline: baseline }));
    const before = runs();
    const good = await hold('good', 0.05);
    expect([good.code, runs()], good.text).to.deep.equal([0, before + 1]);
    expect([(await hold('good', 0.05)).code, runs()], 'once').to.deep.equal([0, before + 1]);
    const slow = await hold('slow', 60);
    expect([slow.code, runs()], slow.text).to.deep.equal([6, before + 1]);
    expect(slow.text).to.contain('not written');
    const plain = await said(() =>
      compareCommand([baseline, join(dir, 'good')], { output: 'text', saveBaseline: baseline }),
    );
    expect([plain.code, runs()], 'a baseline that is named as a side').to.deep.equal([0, before + 1]);
  });

  it('compare: says the exit code that it ends with, also where its baseline cannot be written', async () => {
    const saveBaseline = join(dir, 'no-such-folder', 'baseline.json');
    const { code, text } = await said(() =>
      compareCommand([join(dir, 'pass'), join(dir, 'pass')], { output: 'text', saveBaseline }),
    );
    expect(code, text).to.equal(2);
    expect(text)
      .to.contain('no such folder')
      .and.to.match(/^faultline compare=.* exit=2 /m);
  });

  it('compare: a baseline does not begin with a run that has decided nothing, and says how many failed', async () => {
    const saveBaseline = join(dir, 'new.json');
    const begin = (name: string) => said(() => compareCommand([join(dir, name)], { output: 'text', saveBaseline }));
    const failed = await begin('fail');
    expect([failed.code, failed.text.includes('1 of them failed')]).to.deep.equal([0, true]);
    rmSync(saveBaseline);
    const result = FIXTURES.inconclusive as RunResult;
    mkdirSync(join(dir, 'open'));
    writeFileSync(join(dir, 'open', 'result.json'), serializeResult(result));
    expect([(await begin('open')).code, existsSync(saveBaseline)]).to.deep.equal([6, false]);
  });

  it('compare: a result that has not all that it needs is named, and what it is', async () => {
    const { ladders: _, ...part } = FIXTURES.pass as RunResult;
    writeFileSync(join(dir, 'pass', 'result.json'), JSON.stringify(part));
    const { code, text } = await said(() => compareCommand([join(dir, 'pass'), join(dir, 'fail')], { output: 'text' }));
    expect(code).to.equal(2);
    expect(text).to.contain('result.json: ladders is missing').and.not.to.contain('undefined');
  });

  it('history: takes a folder for its page, and nothing else', async () => {
    const file = join(dir, 'a-file');
    writeFileSync(file, '');
    for (const out of [file, join(file, 'below')]) {
      const { code, text } = await said(() => historyCommand([dir], { output: 'text', out }));
      expect(code, text).to.equal(2);
      expect(text).to.not.contain('INTERNAL');
    }
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
