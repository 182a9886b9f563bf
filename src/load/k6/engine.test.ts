import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { hrtimeMicros } from '../clock.ts';
import { loadOf, pathTo, readRecords, until } from '../undici/rig.ts';
import { k6Engine } from './engine.ts';

/** A program in place of k6 that talks as it does: REST interface, socket of the extension, exit codes. */
const FAKE = `#!${process.execPath}
const http = require('node:http'), net = require('node:net'), fs = require('node:fs');
const address = process.argv.find((a) => a.startsWith('--address=')).split(':');
const { client } = JSON.parse(fs.readFileSync(process.env.FAULTLINE_CONFIG));
const behave = BEHAVE;
if (behave.say) process.stderr.write(JSON.stringify({ level: behave.level, msg: behave.say }) + '\\n');
if (behave.early) process.exit(behave.early);
const micros = () => Number(process.hrtime.bigint() / 1000n);
const socket = net.connect(client.socket);
const say = (line) => socket.write(JSON.stringify(line) + '\\n');
let status = 4;
http.createServer((req, res) => {
  let body = '';
  req.on('data', (d) => { body += d; }).on('end', () => {
    if (req.method === 'PATCH') change(JSON.parse(body).data.attributes);
    res.end(JSON.stringify({ data: { attributes: { status } } }));
  });
}).listen(Number(address[1]), address[0].split('=')[1]);
function change({ paused, stopped }) {
  if (paused === false) {
    const at = micros();
    say({ clock: at, exact: true, lost: behave.lost ?? 0 });
    say({ plan: 0, at });
    say({ chain: 0, hops: [['mocka', 'z1', ''], ['mockb', 'z2', '']], rest: '' });
    if (behave.drop) say({ drop: 0, at: at + 10001 });
    say({ p: 0, n: 0, t0: at + 5, t1: at + 900, s: 200, c: 0, f: 1 });
    say({ p: 0, n: 1, t0: at + 20005, t1: at + 20900, e: behave.error ?? 'reset', f: 0 });
    if (behave.later) setTimeout(() => process.exit(behave.later), 50);
  }
  if (stopped) {
    if (!behave.silent) say({ bye: 1 });
    socket.end(() => setTimeout(() => process.exit(behave.code ?? 103), 10));
  }
}
`;

describe('load/k6/engine: a k6 that behaves and one that does not', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-fake-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function begin(behave: object) {
    const binary = join(folder, 'k6');
    await writeFile(binary, FAKE.replace('BEHAVE', JSON.stringify(behave)));
    await chmod(binary, 0o755);
    const file = join(folder, 'requests.ndjson');
    const handle = await k6Engine({ binary }).start({
      load: loadOf(),
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
    expect(records.map(({ seq, outcome, fresh }) => ({ seq, outcome, fresh }))).to.deep.equal([
      { seq: 0, outcome: 'response', fresh: true },
      { seq: 1, outcome: 'error', fresh: false },
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
    expect(records.map(({ seq, outcome }) => `${seq} ${outcome}`)).to.have.members([
      '0 response',
      '1 dropped',
      '2 error',
    ]);
  });

  it('says when the generator ran short, lost lines or reported errors', async () => {
    const behave = { error: 'local:EMFILE', lost: 3, level: 'error', say: 'a script error' };
    const { handle } = await begin(behave);
    await until(() => handle.progress().paths[0]?.dropped === 1);
    expect((await handle.stop()).degraded).to.deep.equal([
      '1 request dropped: this machine ran short of resources (EMFILE)',
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
    expect(await rejection(missing.start(options))).to.contain('ENOENT');
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
