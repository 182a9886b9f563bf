import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { LoadOrder } from '../../../model/ports.ts';
import { hrtimeMicros } from '../../clock.ts';
import { expectComplete } from '../../testing/expect-load.ts';
import { CHAIN, loadOf, pathTo } from '../../testing/load-fixture.ts';
import { readRecords, wordsIn } from '../../testing/record-reader.ts';
import { sentBy, until } from '../../testing/run-load.ts';
import { CLOCK_DOUBT_LIMIT } from '../records/clock-doubt.ts';
import { holdsOpen } from '../testing/open-files.ts';
import { reapers } from '../testing/reapers.ts';
import { type ConsoleOptions, k6ConsoleEngine } from './console.ts';

/**
 * A program in place of k6: REST interface, console in k6's log format, exit codes. It tells of an iteration each 10 ms,
 * begun on time.
 */
const FAKE = `#!${process.execPath}
const http = require('node:http'), fs = require('node:fs'), path = require('node:path');
const option = (name) => process.argv.find((a) => a.startsWith('--' + name + '=')).slice(name.length + 3);
const behave = BEHAVE;
const [host, port] = option('address').split(':');
const [lane] = JSON.parse(fs.readFileSync(process.env.FAULTLINE_CONFIG)).lanes;
const say = (msg) => fs.appendFileSync(option('console-output'), JSON.stringify({ level: 'info', msg, time: 't' }) + '\\n');
if (behave.say) process.stderr.write(JSON.stringify({ level: behave.level, msg: behave.say }) + '\\n');
if (behave.early) process.exit(behave.early);
if (behave.words) for (const word of eval(behave.words)) say(String(word));
let status = 4, began = 0, place = 0, started = 0, dropped = 0, asked = 0, atOnce = 0;
const elapsed = () => Number(process.hrtime.bigint() - began) / 1e6;
function go() {
  for (; place * 10 + (behave.late ?? 2) <= elapsed(); place += 1) {
    if (behave.drop?.includes(place)) { dropped += 1; continue; }
    const at = place * 10 + 0.5, number = started++;
    const line = { i: number, b: at, t0: at + 0.1, t1: at + 1, ...(number % 2 ? { e: 1212, m: 'refused' } : { s: 200, x: ${JSON.stringify(CHAIN)} }) };
    if (!behave.lose?.includes(number)) for (const { index } of lane) say(JSON.stringify({ p: index, ...line }));
    if (number === behave.last) process.exit(109);
  }
}
http.createServer((req, res) => {
  let body = '';
  req.on('data', (d) => { body += d; }).on('end', () => {
    const { paused, stopped } = req.method === 'PATCH' ? JSON.parse(body).data.attributes : {};
    if (paused === false) { status = 7; began = process.hrtime.bigint(); setInterval(go, 2); }
    if (stopped && behave.bye) say(behave.bye + atOnce);
    if (stopped) setTimeout(() => process.exit(behave.code ?? 103), 10);
    const counter = (id, count, rate) => ({ type: 'metrics', id, attributes: { sample: { count, rate } } });
    const metrics = started === 0 ? [] : [counter('iterations', started, started / (elapsed() / 1000)), counter('dropped_iterations{scenario:lane0}', dropped, 0)];
    if (req.url !== '/v1/metrics') return res.end(JSON.stringify({ data: { attributes: { status } } }));
    atOnce = Math.max(atOnce, ++asked);
    setTimeout(() => res.end(JSON.stringify({ data: metrics }), () => { asked -= 1; }), behave.slow ?? 0);
  });
}).listen(Number(port), host);
`;

describe('load/k6/local/console: a stock k6 that behaves and one that does not', () => {
  let folder = '';
  const temporary = process.env.TMPDIR;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-fake-'));
    process.env.TMPDIR = join(folder, 'tmp');
    await mkdir(process.env.TMPDIR);
  });
  afterEach(async () => {
    if (temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = temporary;
    expect(await readdir(join(folder, 'tmp'))).to.deep.equal([]);
    await rm(folder, { recursive: true });
  });

  async function begin(behave: object, options: Partial<ConsoleOptions> = {}, more: Partial<LoadOrder> = {}) {
    const binary = join(folder, 'k6');
    await writeFile(binary, FAKE.replace('BEHAVE', JSON.stringify(behave)));
    await chmod(binary, 0o755);
    const order = {
      load: loadOf({ connections: 'fresh' }),
      paths: [pathTo(80)],
      zero: hrtimeMicros(),
      longestMs: 600_000,
    };
    const file = join(folder, 'requests.ndjson');
    return k6ConsoleEngine({ binary, ...options }).start({ ...order, file, ...more });
  }

  const written = () => readRecords(join(folder, 'requests.ndjson'));
  const words = () => readFile(join(folder, 'k6.log'), 'utf8').catch(() => undefined);
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => 'resolved',
      (error: Error) => error.message,
    );

  it('turns what k6 tells over its console into records', async () => {
    const handle = await begin({});
    expect(await readdir(join(folder, 'tmp'))).to.have.length(1);
    await until(() => sentBy(handle) >= 20);
    expect(handle.progress()).to.deep.include({ degraded: [] });
    const summary = await handle.stop();
    expect(handle.stop()).to.equal(handle.stop());
    const found = await written();
    expectComplete({ ...found, summary }, 100, CLOCK_DOUBT_LIMIT);
    expect(summary.degraded).to.deep.equal([]);
    expect(wordsIn(found)).to.deep.equal(['refused (k6 1212)']);
    expect(found.records.length).to.be.at.least(20);
    for (const { seq, ended, error, due, start, end, fresh } of found.records) {
      expect({ ended, error }).to.deep.equal(
        seq % 2 === 1 ? { ended: 'error', error: 'refused' } : { ended: 'response', error: undefined },
      );
      expect([start - due, end - start, fresh]).to.satisfy(
        ([late = 0, took = 0]: number[]) => late >= 0 && took >= 899,
      );
    }
    expect(await words()).to.equal(undefined);
    // Its number may be another process's soon.
    await until(() => reapers(handle.pid).length === 0);
  });

  it('makes a record of what k6 has dropped, and of what was lost on its way', async () => {
    const load = loadOf({ connections: 'fresh', timeoutMs: 100 });
    const handle = await begin({ drop: [25, 26], lose: [9] }, {}, { load });
    await until(() => sentBy(handle) >= 40);
    const summary = await handle.stop();
    const { records } = await written();
    const missing = records.filter(({ ended }) => ended === 'dropped').map(({ seq }) => seq);
    expect(missing).to.have.members([9, 25, 26]);
    expect(summary.counts[0]).to.include({ dropped: 3, due: records.length });
    expect(summary.degraded).to.deep.equal([
      '2 requests dropped: no virtual user of the path was free',
      '1 request dropped: no word of them came from k6',
    ]);
  });

  it('tells that k6 has died, and drops what is missing', async () => {
    const handle = await begin({ last: 30, lose: [7, 8] });
    await until(() => handle.progress().failure !== undefined && sentBy(handle) === 29);
    expect(handle.progress().failure).to.equal('k6 has ended: exit code 109, it crashed (a Go panic).');
    expect(await failure(handle.stop())).to.contain('exit code 109');
    const { records } = await written();
    const seqs = records.map(({ seq }) => seq).toSorted((a, b) => a - b);
    expect(seqs).to.deep.equal(seqs.map((_, i) => i));
    expect(records.filter(({ ended }) => ended === 'dropped').map(({ seq }) => seq)).to.include.members([7, 8]);
  });

  it('says why k6 did not start, and when its end was not the one it was asked for', async () => {
    const early = await failure(begin({ early: 107, level: 'error', say: 'SyntaxError in load.ts' }));
    expect(early).to.equal(
      'k6 has ended: exit code 107, the script failed while it was loaded. It said: SyntaxError in load.ts',
    );
    await rm(join(folder, 'requests.ndjson'));
    expect(await failure(begin({}, {}, { paths: [] }))).to.equal('There is no path to send requests on.');
    expect(await failure(begin({}, { binary: '' }))).to.contain('cannot be empty');
    expect(await holdsOpen(join(folder, 'requests.ndjson'))).to.equal(false);
    const handle = await begin({ code: 99 });
    await until(() => sentBy(handle) >= 1);
    expect(await failure(handle.stop())).to.contain('a threshold of the script was crossed');
  });

  it('asks a slow k6 one thing at a time, and hears out what is told late', async () => {
    const handle = await begin({ late: 600, slow: 250, bye: 'asked at once: ' });
    await until(() => sentBy(handle) >= 20);
    expect(handle.lagMs).to.equal(undefined);
    const { degraded, counts } = await handle.stop();
    expect(degraded.filter((text) => !text.includes('only known to'))).to.deep.equal([]);
    expect(counts[0]?.dropped).to.equal(0);
    expect(await words()).to.equal('asked at once: 1\n');
  });

  it('takes an error that k6 reports for a reason of doubt, and keeps what was said', async () => {
    const handle = await begin({ level: 'error', say: 'Error: oops', words: '["hello"]', bye: 'the last word ' });
    await until(() => sentBy(handle) >= 1);
    const { degraded } = await handle.stop();
    expect(degraded).to.deep.equal(['k6 reported an error: Error: oops']);
    expect(await words())
      .to.contain('hello\n')
      .and.contain('Error: oops\n')
      .and.contain('the last word ');
  });

  it('gives k6 the script, the configuration and the authority in a folder of its own', async () => {
    const read = (file: string) => `fs.readFileSync(${file}, 'utf8')`;
    const asked = [
      read(`path.join(path.dirname(process.argv.at(-1)), 'lib', 'load.js')`),
      read('process.env.SSL_CERT_FILE'),
      `'lanes ' + JSON.parse(${read('process.env.FAULTLINE_CONFIG')}).lanes.map((lane) => lane.length)`,
      `process.env.K6_WEB_DASHBOARD_EXPORT`,
    ];
    const script = { main: 'lib/load.js', files: new Map([['lib/load.js', 'the script']]) };
    const [login] = loadOf({}, { path: '/login' }).paths;
    const load = loadOf({ connections: 'fresh', dashboard: true });
    const tls = { [pathTo(80).id]: { ca: 'the authority' } };
    const both = { ...load, tls, paths: [...load.paths, { ...login, name: 'login' }] as typeof load.paths };
    const paths = [pathTo(80), { ...pathTo(80), name: 'login' }];
    const handle = await begin({ words: `[${asked}]` }, { script }, { load: both, paths });
    await until(() => sentBy(handle) >= 1);
    expect(handle.lagMs).to.equal(1500);
    await handle.stop();
    expect(await words()).to.equal(`the script\nthe authority\nlanes 2\n${join(folder, 'k6-dashboard.html')}\n`);
  });

  it('can be interrupted while k6 gets ready', async () => {
    const signal = AbortSignal.abort();
    expect(await failure(begin({}, {}, { signal }))).to.equal('The start of the load was interrupted.');
  });
});
