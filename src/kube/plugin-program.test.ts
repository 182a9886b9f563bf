import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runPlugin } from './plugin-program.ts';
import { lives, until } from './testing/processes.ts';

describe('the program of a credential plugin', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-plugin-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const never = new AbortController().signal;
  const program = (script: string, more: { readonly asks?: boolean; readonly limit?: number } = {}) => ({
    command: 'sh',
    args: ['-c', script],
    env: process.env,
    asks: false,
    limit: 10_000,
    ...more,
  });
  /** Starts another program, says who they are, and hangs. */
  const hangs = () => `sleep 600 & echo $! $$ > ${dir}/new; mv ${dir}/new ${dir}/pids; echo log in at x >&2; wait`;
  const pids = (): number[] => readFileSync(join(dir, 'pids'), 'utf8').trim().split(' ').map(Number);

  it('tells how it ends, and what it says apart from its words for people', async () => {
    expect(await runPlugin(program('echo out; echo err >&2; exit 3'), never)).to.deep.equal({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await runPlugin(program('kill -s TERM $$'), never)).to.deep.include({ by: 'SIGTERM' });
    const absent = { ...program(''), command: `${dir}/nothing` };
    expect(await runPlugin(absent, never)).to.deep.include({ absent: true });
  });

  it('has nothing to read where it may not ask', async () => {
    expect(await runPlugin(program('cat; echo end'), never)).to.deep.include({ code: 0, stdout: 'end\n' });
  });

  it('is over with its own end, though something that it has left running holds its output', async () => {
    const end = await runPlugin(program(`sleep 600 & echo $! > ${dir}/pids; echo out`), never);
    expect(end).to.deep.include({ code: 0, stdout: 'out\n' });
    for (const pid of pids()) process.kill(pid);
  });

  for (const asks of [false, true]) {
    const whom = asks ? 'alone where it may ask' : 'with all that it has started';
    it(`is ended at its limit, ${whom}`, async () => {
      const end = await runPlugin(program(hangs(), { asks, limit: 300 }), never);
      expect(end).to.deep.include({ late: true, stderr: 'log in at x\n' });
      const [started = 0, own = 0] = pids();
      await until(() => !lives(own));
      if (asks) process.kill(started);
      await until(() => !lives(started));
    });
  }

  it('is ended when it is given up', async () => {
    const gaveUp = new AbortController();
    const running = runPlugin(program(hangs()), gaveUp.signal);
    await until(() => pids().length === 2);
    gaveUp.abort();
    expect(await running).to.deep.include({ late: true });
    await until(() => pids().every((pid) => !lives(pid)));
  });

  it('dies with who has started it, however that dies', async () => {
    const file = JSON.stringify(join(import.meta.dirname, 'plugin-program.ts'));
    const code = `import(${file}).then(({runPlugin}) => runPlugin(${JSON.stringify(program(hangs()))}, new AbortController().signal))`;
    const runner = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' });
    await until(() => pids().length === 2);
    runner.kill('SIGKILL');
    await until(() => pids().every((pid) => !lives(pid)));
  });
});
