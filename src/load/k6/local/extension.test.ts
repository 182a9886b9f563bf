import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { hrtimeMicros } from '../../clock.ts';
import { loadOf, pathTo } from '../../testing/load-fixture.ts';
import { readRecords } from '../../testing/record-reader.ts';
import { until } from '../../testing/run-load.ts';
import { fakeK6 } from '../testing/fake-k6.ts';
import { holdsOpen } from '../testing/open-files.ts';
import { k6Engine } from './extension.ts';

describe('load/k6/local/extension: a k6 that behaves and one that does not', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-fake-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function begin(behave: object, change: Parameters<typeof loadOf>[0] = {}) {
    const binary = join(folder, 'k6');
    await writeFile(binary, fakeK6(behave));
    await chmod(binary, 0o755);
    const file = join(folder, 'requests.ndjson');
    const handle = await k6Engine({ binary }).start({
      load: loadOf(change),
      paths: [pathTo(80)],
      file,
      zero: hrtimeMicros(),
      longestMs: 600_000,
    });
    return { handle, file };
  }

  async function rejection(promise: Promise<unknown>): Promise<string> {
    return promise.then(
      () => 'resolved',
      (error: Error) => error.message,
    );
  }

  it('turns what k6 tells into records', async () => {
    const { handle, file } = await begin({});
    await until(() => handle.progress().paths[0]?.sent === 2);
    expect(handle.progress().paths[0]).to.include({ good: 1, bad: 1, dropped: 0 });
    const summary = await handle.stop();
    expect(summary.degraded).to.deep.equal([]);
    expect(summary.counts).to.deep.equal([{ path: 'entry@t/a', due: 2, sent: 2, dropped: 0, late: 1 }]);
    const { engine, records, chains } = await readRecords(file);
    expect(engine).to.equal('k6');
    expect(chains).to.have.length(1);
    expect(records.map(({ seq, ended, fresh }) => ({ seq, ended, fresh }))).to.deep.equal([
      { seq: 0, ended: 'response', fresh: true },
      { seq: 1, ended: 'error', fresh: false },
    ]);
    expect((records[1]?.due ?? 0) - (records[0]?.due ?? 0)).to.equal(10_000);
  });

  it('makes a record of every dropped iteration, in its place, and says so', async () => {
    const { handle, file } = await begin({ drop: true });
    await until(() => handle.progress().paths[0]?.sent === 2);
    const summary = await handle.stop();
    expect(summary.counts[0]).to.include({ due: 3, sent: 2, dropped: 1 });
    expect(summary.degraded).to.deep.equal(['1 request dropped: no virtual user of the path was free']);
    const { records } = await readRecords(file);
    expect(records.map(({ seq, ended }) => `${seq} ${ended}`)).to.have.members(['0 response', '1 dropped', '2 error']);
  });

  it('says when the generator ran short, lost lines or reported errors', async () => {
    const behave = { error: 'local:EMFILE', lost: 3, level: 'error', say: 'a script error' };
    const { handle } = await begin(behave);
    await until(() => handle.progress().paths[0]?.dropped === 1);
    expect((await handle.stop()).degraded).to.deep.equal([
      '1 request dropped: the machine of k6 ran short of resources (EMFILE)',
      '3 request records lost',
      'k6 reported an error: a script error',
    ]);
  });

  it('says in words why k6 did not start, with what it said', async () => {
    const message = await rejection(begin({ early: 107, level: 'error', say: 'SyntaxError in paths.ts' }));
    expect(message).to.equal(
      'k6 has ended: exit code 107, the script failed while it was loaded. It said: SyntaxError in paths.ts',
    );
    const missing = k6Engine({ binary: join(folder, 'none') });
    const options = {
      load: loadOf(),
      paths: [pathTo(80)],
      file: join(folder, 'r'),
      zero: hrtimeMicros(),
      longestMs: 600_000,
    };
    expect(await rejection(missing.start(options))).to.match(
      /^k6 has ended: exit code 255, its command line or a file was refused. It said: spawn .* ENOENT$/,
    );
  });

  it('holds nothing open when k6 cannot even be tried', async () => {
    const resources = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('Pipe')).length;
    const before = resources();
    const file = join(folder, 'requests.ndjson');
    const order = { load: loadOf(), paths: [pathTo(80)], file, zero: hrtimeMicros(), longestMs: 600_000 };
    expect(await rejection(k6Engine({ binary: '' }).start(order))).to.contain('cannot be empty');
    expect(await holdsOpen(file)).to.equal(false);
    await until(() => resources() === before);
  });

  it('says what to do when its socket has no place', async () => {
    const temporary = process.env.TMPDIR;
    process.env.TMPDIR = join(folder, 'x'.repeat(120));
    await mkdir(process.env.TMPDIR);
    const refusal = await begin({})
      .catch((error: unknown) => error)
      .finally(() => {
        if (temporary === undefined) delete process.env.TMPDIR;
        else process.env.TMPDIR = temporary;
      });
    expect(refusal).to.include({ code: 'LOAD', hint: 'Set TMPDIR to a short path that can be written.' });
    expect((refusal as Error).message).to.contain('is too long for a socket');
    expect(await readdir(join(folder, 'x'.repeat(120)))).to.deep.equal([]);
    expect(await holdsOpen(join(folder, 'requests.ndjson'))).to.equal(false);
  });

  it('tells of an end nobody asked for, while it runs and when it is stopped', async () => {
    const { handle, file } = await begin({ later: 109 });
    await until(() => handle.progress().failure !== undefined);
    expect(handle.progress().failure).to.equal('k6 has ended: exit code 109, it crashed (a Go panic).');
    expect(handle.progress().paths[0]).to.include({ recentGood: 0, recentBad: 0 });
    expect(await rejection(handle.stop())).to.contain('exit code 109');
    expect((await readRecords(file)).records).to.have.length(2);
  });

  it('does not take a half-told run for a whole one', async () => {
    const { handle } = await begin({ silent: true });
    expect(await rejection(handle.stop())).to.equal('k6 ended before it had told of every request.');
    await rm(join(folder, 'requests.ndjson'));
    const crashed = await begin({ code: 109 });
    expect(await rejection(crashed.handle.stop())).to.contain('a Go panic');
  });

  it('reads words that come in pieces, and those that come after k6 itself has gone', async () => {
    const { handle } = await begin({ split: true, slow: true, dashboard: true }, { dashboard: true });
    await until(() => handle.progress().paths[0]?.sent === 3);
    const summary = await handle.stop();
    expect(summary.degraded).to.deep.equal([]);
    expect(summary.dashboard).to.equal('k6-dashboard.html');
  });

  it('leaves no file of its own behind', async () => {
    const temporary = process.env.TMPDIR;
    process.env.TMPDIR = folder;
    const { handle } = await begin({}).finally(() => {
      if (temporary === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = temporary;
    });
    expect((await readdir(folder)).length).to.equal(3);
    await handle.stop();
    expect(await readdir(folder)).to.have.members(['k6', 'requests.ndjson']);
  });
});
