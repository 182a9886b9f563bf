import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { hrtimeMicros } from '../clock.ts';
import { type UndiciHandle, undiciEngine } from '../index.ts';
import { CHAIN, loadOf, pathTo } from '../testing/load-fixture.ts';
import { sentBy, until } from '../testing/run-load.ts';
import { answering, type TestServer } from '../testing/test-server.ts';
import type { WorkerInput } from './messages.ts';
import { LoadThread } from './thread.ts';

async function failureOf(work: Promise<unknown>): Promise<FaultlineError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(FaultlineError);
  expect((error as FaultlineError).code).to.equal('LOAD');
  return error as FaultlineError;
}

describe('load/undici: the thread of the engine', () => {
  let target: TestServer;
  let folder = '';
  before(async () => {
    target = await answering((_, res) => res.end(CHAIN));
    folder = await mkdtemp(join(tmpdir(), 'faultline-load-'));
  });
  after(async () => {
    await target.close();
    await rm(folder, { recursive: true });
  });

  function start(file: string, load = loadOf(), path = pathTo(target.port)): Promise<UndiciHandle> {
    return undiciEngine().start({
      load,
      paths: [path],
      file: join(folder, file),
      zero: hrtimeMicros(),
      longestMs: 600_000,
    });
  }

  /** A thread that runs `source` in place of the worker. */
  function threadOf(source: string): LoadThread {
    const input: WorkerInput = { load: loadOf(), paths: [pathTo(1)], file: '', zero: 0, options: {} };
    const view = JSON.stringify({
      paths: [
        {
          path: 'p',
          sent: 9,
          good: 8,
          bad: 1,
          dropped: 0,
          recentGood: 8,
          recentBad: 1,
          recentServing: { a: { z: 8 } },
        },
      ],
      degraded: [],
    });
    const whole = `import { parentPort } from 'node:worker_threads';
      parentPort.postMessage({ type: 'ready', view: ${view} });
      ${source}`;
    return new LoadThread(new URL(`data:text/javascript,${encodeURIComponent(whole)}`), input);
  }

  it('tells of a crash when it is stopped, and shows nothing recent after it', async () => {
    const thread = threadOf(`setTimeout(() => { throw new Error('out of luck'); }, 20);`);
    await thread.ready;
    await until(() => thread.progress().failure !== undefined);
    const { failure, paths } = thread.progress();
    expect(failure).to.equal('The load generator crashed: out of luck');
    expect(paths[0]).to.deep.include({ sent: 9, good: 8, recentGood: 0, recentBad: 0, recentServing: {} });
    expect((await failureOf(thread.stop())).message).to.equal(failure);
  });

  it('tells of a worker that ended unasked', async () => {
    const thread = threadOf('setTimeout(() => process.exit(3), 20);');
    await thread.ready;
    expect((await failureOf(thread.stop())).message).to.include('exit code 3');
  });

  it('can be stopped twice and ends its worker', async () => {
    const handle = await start('twice.ndjson');
    await until(() => sentBy(handle) > 0);
    const [one, two] = await Promise.all([handle.stop(), handle.stop()]);
    expect(one).to.equal(two);
    expect(handle.progress().failure).to.equal(undefined);
  });

  it('refuses to start on a file that holds something, or that cannot be opened', async () => {
    await writeFile(join(folder, 'full.ndjson'), 'evidence\n');
    expect((await failureOf(start('full.ndjson'))).message).to.include('never overwritten');
    expect(await readFile(join(folder, 'full.ndjson'), 'utf8')).to.equal('evidence\n');
    expect((await failureOf(start('no/such/folder.ndjson'))).message).to.include('ENOENT');
  });

  it('refuses a request that cannot be sent, a path without a request and a template that cannot be read', async () => {
    const bad = loadOf({}, { headers: { 'transfer-encoding': 'chunked' } });
    const refused = await failureOf(start('a.ndjson', bad));
    expect(refused.message).to.include('entry@t/a').and.to.include('transfer-encoding');
    expect(refused.hint).to.be.a('string');
    const nameless = { ...pathTo(1), name: 'other' };
    expect((await failureOf(start('b.ndjson', loadOf(), nameless))).message).to.include('other');
    const chain = { from: { kind: 'body' }, hop: '{service}{zone}' } as const;
    expect((await failureOf(start('c.ndjson', loadOf({ chain })))).message).to.include('{service}{zone}');
  });

  if (existsSync('/dev/full')) {
    it('never hides a full disk', async () => {
      const load = loadOf();
      const paths = [pathTo(target.port)];
      const handle = await undiciEngine().start({
        load,
        paths,
        file: '/dev/full',
        zero: hrtimeMicros(),
        longestMs: 600_000,
      });
      await until(() => handle.progress().degraded.some((reason) => reason.includes('lost')));
      expect(handle.progress().degraded.join()).to.include('ENOSPC');
      expect((await failureOf(handle.stop())).message).to.include('ENOSPC');
    });
  }

  /** What a process prints that starts the engine and then runs `rest` with the handle; it must end by itself. */
  async function printed(file: string, rest: string): Promise<string> {
    const options = {
      load: loadOf(),
      paths: [pathTo(target.port)],
      file: join(folder, file),
      zero: hrtimeMicros(),
      longestMs: 600_000,
    };
    const source = `import { undiciEngine } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)};
      const handle = await undiciEngine().start(${JSON.stringify(options)});
      while ((handle.progress().paths[0]?.sent ?? 0) < 10) await new Promise((r) => setTimeout(r, 10));
      ${rest}`;
    const args = ['--input-type=module', '-e', source];
    return (await promisify(execFile)(process.execPath, args, { timeout: 15_000 })).stdout;
  }

  it('does not keep a process alive whose main thread has nothing left to do', async () => {
    expect(await printed('forgotten.ndjson', `console.log('main is done');`)).to.equal('main is done\n');
  });

  it('keeps the process alive while it is being stopped', async () => {
    const rest = `const { counts } = await handle.stop(); console.log(counts[0].path);`;
    expect(await printed('stopped.ndjson', rest)).to.equal('entry@t/a\n');
  });
});
