import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { until } from '../../testing/run-load.ts';
import { takeReading } from '../records/rest.ts';
import { reapers } from '../testing/reapers.ts';
import { K6Process } from './process.ts';

/** A program in place of k6: its REST interface, what it logs, and how it takes it to be stopped. */
const FAKE = `#!${process.execPath}
const behave = BEHAVE;
const log = (level, msg, source) => process.stderr.write(JSON.stringify({ level, msg, source }) + '\\n');
for (const one of behave.log ?? []) log(...one);
if (behave.leaves !== undefined) {
  // It keeps open what this one says, and is of its group or of one of its own.
  const stdio = ['ignore', 'ignore', 'inherit'];
  const left = require('node:child_process').spawn('sleep', ['30'], { stdio, detached: behave.leaves === 'alone' });
  require('node:fs').writeFileSync('left', String(left.pid));
  left.unref();
}
if (behave.exit !== undefined) process.exitCode = behave.exit;
else {
  const port = process.argv.find((a) => a.startsWith('--address=')).split(':')[1];
  require('node:fs').writeFileSync('port', port);
  process.on('SIGINT', () => process.exit(105));
  let looks = 0;
  require('node:http').createServer((req, res) => {
    if (req.method === 'PATCH') {
      if (behave.deaf) return;
      if (behave.refuses) return res.writeHead(500).end('no');
      log('error', 'test run was stopped');
      return res.end('{}', () => setTimeout(() => process.exit(103), 10));
    }
    looks += 1;
    const status = looks > (behave.looks ?? 0) ? 4 : 1;
    res.end(JSON.stringify({ data: { attributes: { status } } }));
  }).listen(Number(port), '127.0.0.1');
}
`;

describe('load/k6/local/process: a k6 that is started, asked and stopped', () => {
  let folder = '';
  let errors: string[] = [];
  let words: string[] = [];
  const started: K6Process[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-process-'));
    errors = [];
    words = [];
  });
  afterEach(async () => {
    for (const k6 of started.splice(0)) {
      k6.kill();
      await k6.ended;
    }
    await rm(folder, { recursive: true });
  });

  /** With `wrapped` it is a script that starts the program, and waits for it. */
  async function start({ wrapped, ...behave }: { wrapped?: boolean; [how: string]: unknown }): Promise<K6Process> {
    const binary = join(folder, 'k6');
    const program = wrapped === true ? `${binary}-itself` : binary;
    await writeFile(program, FAKE.replace('BEHAVE', JSON.stringify(behave)));
    if (wrapped === true) await writeFile(binary, `#!/bin/sh\n"${program}" "$@"\n`);
    for (const one of [program, binary]) await chmod(one, 0o755);
    const place = { script: 'x.ts', folder, config: 'c', output: [] };
    const told = { error: (text: string) => errors.push(text), line: (text: string) => words.push(text) };
    const k6 = await K6Process.start(binary, place, told);
    started.push(k6);
    return k6;
  }

  const message = (promise: Promise<unknown>) =>
    promise.then(
      () => 'resolved',
      (error: Error) => error.message,
    );

  it('is warm when it says so, and ends when it is told to', async () => {
    const k6 = await start({ looks: 2 });
    await k6.warm(undefined);
    expect(await k6.stop(60_000)).to.deep.equal({ code: 103, signal: null });
    // That it was stopped is an error in its own words, not in ours.
    expect([errors, words]).to.deep.equal([[], []]);
    expect(await takeReading((path) => k6.ask(path), ['entry'])).to.include({ elapsed: undefined });
    // Its number may be another process's soon.
    await until(() => reapers(k6.pid ?? 0).length === 0);
  });

  it('leads a process group of its own, so that a Ctrl-C is not for it', async () => {
    const k6 = await start({});
    await k6.warm(undefined);
    const stat = await readFile(`/proc/${k6.pid}/stat`, 'utf8').catch(() => `) S 0 ${k6.pid}`);
    expect(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]).to.equal(String(k6.pid));
  });

  it('says what was refused', async () => {
    const k6 = await start({ refuses: true });
    await k6.warm(undefined);
    expect(await message(k6.release())).to.equal('k6 refused {"paused":false}: 500 no');
  });

  it('is interrupted where it refuses to be stopped, and killed where it takes too long', async () => {
    const stubborn = await start({ refuses: true });
    await stubborn.warm(undefined);
    expect(await stubborn.stop(60_000)).to.deep.equal({ code: 105, signal: null });
    const deaf = await start({ deaf: true });
    await deaf.warm(undefined);
    expect(await deaf.stop(50)).to.deep.equal({ code: null, signal: 'SIGKILL' });
  });

  const isThere = (pid: number): boolean => {
    try {
      // One that waits to be reaped is gone.
      return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return false;
    }
  };
  const answers = (port: number) =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );

  it('is ended with all that it has started, where it is a script around the program that sends', async () => {
    for (const [behave, end] of [
      [{}, { code: 103, signal: null }],
      [{ deaf: true }, { code: null, signal: 'SIGKILL' }],
    ] as const) {
      const k6 = await start({ ...behave, wrapped: true });
      await k6.warm(undefined);
      const port = Number(await readFile(join(folder, 'port'), 'utf8'));
      expect(await answers(port)).to.equal(true);
      const ended = await k6.stop('deaf' in behave ? 50 : 60_000);
      expect(ended).to.deep.equal(end);
      expect(await answers(port)).to.equal(false);
    }
  });

  if (process.platform === 'linux') {
    it('has ended when it is gone, whoever it has left and whatever they hold open', async () => {
      for (const leaves of ['beside', 'alone']) {
        const k6 = await start({ leaves, exit: 108, log: [['error', 'the last']] });
        expect(await message(k6.warm(undefined))).to.contain('the script aborted the test. It said: the last');
        const left = Number(await readFile(join(folder, 'left'), 'utf8'));
        // Of another group it is nobody's here to end.
        expect(isThere(left), leaves).to.equal(leaves === 'alone');
        if (leaves === 'alone') process.kill(left, 'SIGKILL');
      }
    });
  }

  it('is not asked any more when it has ended: its port may be of another program by then', async () => {
    const k6 = await start({});
    await k6.warm(undefined);
    k6.kill();
    await k6.ended;
    let asked = 0;
    const other = createServer((_, res) => {
      asked += 1;
      res.end('{}');
    });
    const port = Number(await readFile(join(folder, 'port'), 'utf8'));
    await once(other.listen(port, '127.0.0.1'), 'listening');
    expect(await k6.stop(60_000)).to.deep.equal({ code: null, signal: 'SIGKILL' });
    other.close();
    expect(asked).to.equal(0);
  });

  it('says how it ended while it was waited for, with its last words, and what to do', async () => {
    const log = [
      ['info', 'of no use'],
      ['debug', 'of no use either'],
      ['warning', 'be warned of password=abc'],
      ['error', ''],
      ['error', 'it is broken'],
      ['error', 'of the script', 'console'],
    ];
    const k6 = await start({ exit: 106, log });
    const error = await k6.warm(undefined).catch((cause: unknown) => cause);
    expect(error).to.include({ code: 'LOAD', hint: 'Run again: another program took the port.' });
    expect((error as Error).message).to.equal(
      'k6 has ended: exit code 106, its REST port was taken. It said: be warned of password=[redacted]\nit is broken',
    );
    expect(errors).to.deep.equal(['it is broken']);
    expect(words).to.deep.equal(['be warned of password=[redacted]', 'it is broken', 'of the script']);
    const other = await start({ exit: 107 });
    const failure = await other.warm(undefined).catch((cause: unknown) => cause);
    expect(failure).to.include({ hint: 'Run: faultline doctor' });
    expect((failure as Error).message).to.equal('k6 has ended: exit code 107, the script failed while it was loaded.');
  });

  it('keeps the end of what it says, and reads lines that come in pieces', async () => {
    const long = 'x'.repeat(150_000);
    const k6 = await start({
      exit: 107,
      log: [
        ['error', long],
        ['error', 'the last'],
      ],
    });
    const said = await message(k6.warm(undefined));
    expect(errors).to.deep.equal([long, 'the last']);
    expect(said.endsWith('xxx…\nthe last')).to.equal(true);
    expect(said.length).to.be.within(1000, 2200);
  });

  it('is not waited for when that is not wanted any more', async () => {
    const k6 = await start({ looks: 1_000_000 });
    const abort = new AbortController();
    const waiting = message(k6.warm(abort.signal));
    abort.abort();
    expect(await waiting).to.equal('The start of the load was interrupted.');
  });
});
