import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { until } from '../../testing/run-load.ts';
import { reapers } from '../testing/reapers.ts';
import { startReaper } from './orphan-reaper.ts';

const alive = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;

describe('load/k6/local/orphan-reaper: load that must not outlive the harness', () => {
  if (process.platform !== 'linux') return;
  const children: ChildProcess[] = [];
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-reaper-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  function sleeper(): ChildProcess {
    const child = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
    children.push(child);
    return child;
  }

  it('does nothing while the harness is there, and can be ended without a trace', async () => {
    const child = sleeper();
    const pid = child.pid ?? 0;
    const end = startReaper(pid, folder);
    // The shell and the cat in it.
    await until(() => reapers(pid).length === 2);
    end();
    await until(() => reapers(pid).length === 0);
    expect(alive(child)).to.equal(true);
    expect(existsSync(folder)).to.equal(true);
    end();
  });

  it('ends what it was told of when the harness is killed, and takes its folder away', async () => {
    const child = sleeper();
    const module = new URL('./orphan-reaper.ts', import.meta.url).href;
    const source = `
      const { startReaper } = await import(${JSON.stringify(module)});
      startReaper(${child.pid}, ${JSON.stringify(folder)});
      setInterval(() => {}, 1000);
      process.send('tied');`;
    const harness = fork('-', { execArgv: ['--input-type=module', '-e', source] });
    children.push(harness);
    await once(harness, 'message');
    await until(() => reapers(child.pid ?? 0).length === 2);
    expect(alive(child)).to.equal(true);
    harness.kill('SIGKILL');
    await until(() => !alive(child));
    expect(child.signalCode).to.equal('SIGKILL');
    await until(() => !existsSync(folder));
    await until(() => reapers(child.pid ?? 0).length === 0);
  });
});
