import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { runProgram } from './outside-program.ts';

const NODE = process.execPath;
const PATH = process.env.PATH ?? '';

describe('a program of a hook', () => {
  /** Hears of a program for as long as it lives. */
  let server: Server;
  const started: ChildProcess[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'faultline-program-'));
  after(() => rmSync(folder, { recursive: true }));

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    for (const one of started.splice(0)) one.kill('SIGKILL');
    server.close();
  });

  /** A node program that is connected to the server, and goes on until it is ended. */
  const connected = (code: string) => {
    const { port } = server.address() as AddressInfo;
    return [NODE, '-e', `const to = require("net").connect(${port}, "127.0.0.1"); ${code}`];
  };
  const living = () => connected('setInterval(() => to.write("."), 20)');

  /**
   * A process that runs a program and then stands still, so that it counts no limit; resolves when so many programs of it
   * are heard.
   */
  async function runner(command: readonly string[], hears: number, limit: number, outlives = false) {
    const options = JSON.stringify({ env: { PATH }, limit, outlives });
    const file = JSON.stringify(new URL('outside-program.ts', import.meta.url).href);
    const begin = `void it.runProgram(${JSON.stringify(command)}, ${options})`;
    const still = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';
    const code = `import(${file}).then((it) => { ${begin}; ${still}; })`;
    const runs = spawn(NODE, ['--disable-warning=ExperimentalWarning', '-e', code], { stdio: 'ignore' });
    started.push(runs);
    const sockets: Socket[] = [];
    const heard = Promise.withResolvers<void>();
    server.on('connection', (socket) => {
      sockets.push(socket);
      // One that is killed may break its connection off.
      socket.on('error', () => {});
      if (sockets.length === hears) heard.resolve();
    });
    await heard.promise;
    return { runs, sockets };
  }

  const ended = (sockets: readonly Socket[]) =>
    Promise.all(sockets.map((socket) => new Promise((done) => socket.resume().once('close', done))));

  it('ends with all that it has started when the process that runs it is killed', async () => {
    const { runs, sockets } = await runner(['sh', '-c', '"$@" & "$@"', 'twice', ...living()], 2, 300_000);
    runs.kill('SIGKILL');
    await ended(sockets);
  });

  it('ends at its limit with all that it has started, and that is said', async () => {
    const file = join(folder, 'group');
    const program = ['sh', '-c', 'echo $$ > "$0"; sleep 300 & sleep 300', file];
    const end = runProgram(program, { env: { PATH }, limit: 1_000, outlives: true });
    expect(await end.catch(({ message }: Error) => message)).to.equal('took longer than 1 s');
    while (inGroup(readFileSync(file, 'utf8').trim()) > 0) await delay(20);
  });

  it('ends at the signal with all that it has started', async () => {
    const stop = new AbortController();
    const closed: Promise<unknown>[] = [];
    server.on('connection', (socket) => {
      socket.on('error', () => {});
      const gone = new Promise((resolve) => socket.resume().once('close', resolve));
      if (closed.push(gone) === 2) stop.abort();
    });
    const command = ['/bin/sh', '-c', '"$@" & "$@"', 'both', ...living()];
    const options = { env: { PATH }, limit: 60_000, outlives: false, signal: stop.signal };
    const why = await runProgram(command, options).catch((error: Error) => error.message);
    expect(why).to.equal('was told to end');
    await Promise.all(closed);
  });

  it('ends at its limit where the process that runs it stands still', async () => {
    const { sockets } = await runner(living(), 1, 2_000);
    await ended(sockets);
  });

  it('that is an undo goes on when that is killed, though nobody hears what it says, and ends at its limit', async () => {
    const saying = 'while sleep 0.02; do echo said >&2; echo passed on; done | "$@"';
    const passing = connected('process.stdin.pipe(to)');
    const { runs, sockets } = await runner(['sh', '-c', saying, 'saying', ...passing], 1, 2_000, true);
    runs.kill('SIGKILL');
    await once(runs, 'exit');
    const ends = ended(sockets);
    for (let heard = 0; heard < 10; heard++) await Promise.all(sockets.map((socket) => once(socket, 'data')));
    await ends;
  });

  it('that has ended is over, whoever still holds its output, and that is said', async () => {
    const speaking = connected('setInterval(() => console.log("more") || to.write("."), 20)');
    const command = ['sh', '-c', 'echo $$; echo said; "$@" & exit 4', 'holding', ...speaking];
    const connection = once(server, 'connection');
    const { code, said, left } = await runProgram(command, { env: { PATH }, limit: 300_000, outlives: false });
    const [group = '', text] = said.split('\n');
    expect([code, text, left]).to.deep.equal([4, 'said', true]);
    const [socket] = (await connection) as [Socket];
    for (let heard = 0; heard < 10; heard++) await once(socket, 'data');
    process.kill(-Number(group), 'SIGKILL');
    await ended([socket]);
  });

  it('says on stderr what it complains of, apart from what it tells', async () => {
    const broken = [
      ['no error', 'test 1 = 2', ''],
      ['words on stdout', 'echo it is off; exit 1', ''],
      ['both', 'echo told; echo complained >&2; exit 1', 'complained'],
      ['a command that is not there, under set -e', 'set -e; cat /no/such/file; echo on', /No such file/],
      ['an exception of Node.js', `exec "${NODE}" -e "throw new Error('unreachable')"`, /Error: unreachable/],
      ['more than is kept', 'head -c 70000 /dev/zero | tr "\\0" x >&2; exit 1', /^x{65536}…$/],
    ] as const;
    for (const [name, script, wanted] of broken) {
      const { code, stderr = '' } = await runProgram(['sh', '-c', script], {
        env: { PATH },
        limit: 60_000,
        outlives: false,
      });
      expect(code, name).to.equal(1);
      if (typeof wanted === 'string') expect(stderr, name).to.equal(wanted);
      else expect(stderr, name).to.match(wanted);
    }
  });

  it('that has ended leaves what it has put into the background, and nothing else', async () => {
    const both = ['sh', '-c', '"$@" >/dev/null 2>&1 & echo $$; exit 4', 'both', ...living()];
    const connection = once(server, 'connection');
    const { code, said: group, left } = await runProgram(both, { env: { PATH }, limit: 300_000, outlives: false });
    expect([code, left]).to.deep.equal([4, undefined]);
    const [socket] = (await connection) as [Socket];
    let alive = inGroup(group);
    for (; alive > 1; alive = inGroup(group)) await delay(20);
    expect(alive).to.equal(1);
    for (let heard = 0; heard < 10; heard++) await once(socket, 'data');
    process.kill(-Number(group), 'SIGKILL');
    await ended([socket]);
  });
});

/** How many processes of a group live. */
function inGroup(group: string): number {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pgid=', '-o', 'stat='], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => new RegExp(`^ *${group} +[^Z]`).test(line)).length;
}
