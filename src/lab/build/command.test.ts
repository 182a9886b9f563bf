import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FaultlineError } from '../../model/errors.ts';
import { runCommand } from './command.ts';

describe('lab/build/command: running other programs', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-command-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const node = (script: string, signal = new AbortController().signal) =>
    runCommand(
      { program: process.execPath, args: ['-e', script], cwd: folder, env: { EXTRA: 'yes' }, hint: 'Do that.' },
      join(folder, 'log'),
      signal,
    );
  const failure = (promise: Promise<string>): Promise<FaultlineError> =>
    promise.then(
      () => expect.fail('did not fail'),
      (error: FaultlineError) => error,
    );

  it('gives what the program says, and keeps the rest in the log', async () => {
    const said = await node('console.log(process.env.EXTRA, process.cwd()); console.error("progress")');
    expect(said.trim()).to.match(/^yes .*faultline-command-/);
    expect(await readFile(join(folder, 'log'), 'utf8')).to.match(/^\$ .* -e .*\nprogress\n$/s);
  });

  it('shows the last lines of the log, where the rest is, and what to do', async () => {
    const error = await failure(node('for (let i = 1; i <= 40; i++) console.error("line " + i); process.exitCode = 3'));
    expect(error.code).to.equal('LAB');
    expect(error.message).to.contain('\nfailed with exit code 3:\nline 29\n').and.to.contain('\nline 40\n');
    expect(error.message).to.not.contain('line 28\n');
    expect(error.message).to.contain(`(all of it: ${join(folder, 'log')})`);
    expect(error.hint).to.equal('Do that.');
  });

  it('shows what a program that fails says on stdout, when that is all it says', async () => {
    const error = await failure(node('console.log("unknown revision"); process.exitCode = 1'));
    expect(error.message).to.contain('exit code 1:\nunknown revision\n(all of it');
  });

  it('says that a program is not there', async () => {
    const command = { program: 'no-such-program', args: [], cwd: folder, hint: 'Install it.' };
    const error = await failure(runCommand(command, join(folder, 'log'), new AbortController().signal));
    expect(error.message).to.contain('no-such-program cannot be run: ').and.to.contain('ENOENT');
    expect(error.hint).to.equal('Install it.');
  });

  it('ends the program when it is told to stop, and begins none after that', async () => {
    const stop = new AbortController();
    const running = failure(node('console.error("up"); setInterval(() => {}, 1000)', stop.signal));
    while (!(await readFile(join(folder, 'log'), 'utf8').catch(() => '')).includes('up\n')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    stop.abort();
    expect((await running).message).to.equal('the build was stopped');
    expect((await failure(node('', stop.signal))).hint).to.equal('faultline lab build goes on where it was.');
  });
});
