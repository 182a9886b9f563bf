import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { runProgram } from './outside-program.ts';

const NODE = process.execPath;
const PATH = process.env.PATH ?? '';

describe('a program of a hook', () => {
  /** Hears of a program for as long as it lives. */
  let server: Server;
  const started: ChildProcess[] = [];

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    for (const one of started.splice(0)) one.kill('SIGKILL');
    server.close();
  });

  /** Says its number now and then, and goes on until it is ended. */
  const living = () => {
    const { port } = server.address() as AddressInfo;
    const code = `const to = require("net").connect(${port}, "127.0.0.1"); setInterval(() => to.write("."), 20)`;
    return [NODE, '-e', code];
  };

  /** A process that runs such a program, and starts another one in it; resolves when both are heard. */
  async function runner({ outlives, limit }: { outlives: boolean; limit: number }) {
    const twice = ['sh', '-c', '"$@" & "$@"', 'twice', ...living()];
    const options = JSON.stringify({ env: { PATH }, limit, outlives });
    const file = JSON.stringify(new URL('outside-program.ts', import.meta.url).href);
    const code = `import(${file}).then((it) => it.runProgram(${JSON.stringify(twice)}, ${options}).catch(() => {}))`;
    const runs = spawn(NODE, ['--disable-warning=ExperimentalWarning', '-e', code], { stdio: 'ignore' });
    started.push(runs);
    const sockets: Socket[] = [];
    const heard = Promise.withResolvers<void>();
    server.on('connection', (socket) => {
      sockets.push(socket);
      // One that is killed may break its connection off.
      socket.on('error', () => {});
      if (sockets.length === 2) heard.resolve();
    });
    await heard.promise;
    return { runs, sockets };
  }

  const ended = (sockets: readonly Socket[]) =>
    Promise.all(sockets.map((socket) => new Promise((done) => socket.resume().once('close', done))));

  it('ends with all that it has started when the process that runs it is killed', async () => {
    const { runs, sockets } = await runner({ outlives: false, limit: 300_000 });
    runs.kill('SIGKILL');
    await ended(sockets);
  });

  it('that is an undo goes on then, and ends at its limit', async () => {
    const { runs, sockets } = await runner({ outlives: true, limit: 1_000 });
    runs.kill('SIGKILL');
    await once(runs, 'exit');
    const ends = ended(sockets);
    await Promise.all(sockets.map((socket) => once(socket, 'data')));
    await ends;
  });

  it('ends at its limit also where the process that runs it is stopped', async () => {
    const { runs, sockets } = await runner({ outlives: false, limit: 1_000 });
    runs.kill('SIGSTOP');
    await ended(sockets);
  });

  it('that has ended leaves what it has put into the background, and nothing else', async () => {
    const both = ['sh', '-c', '"$@" >/dev/null 2>&1 & echo $$; exit 4', 'both', ...living()];
    const connected = once(server, 'connection');
    const { code, said: group } = await runProgram(both, { env: { PATH }, limit: 300_000, outlives: false });
    expect(code).to.equal(4);
    const [socket] = (await connected) as [Socket];
    while (inGroup(group) > 1) await delay(20);
    await once(socket, 'data');
    process.kill(-Number(group), 'SIGKILL');
    await ended([socket]);
  });
});

/** How many processes of a group live. */
function inGroup(group: string): number {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pgid=', '-o', 'stat='], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => new RegExp(`^ *${group} +[^Z]`).test(line)).length;
}
