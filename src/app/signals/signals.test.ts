import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { STOP_SIGNALS, type StopSignal } from '../../model/history.ts';
import { goneOf, type ReadProcess, readProcess, startersOf } from './starters.ts';

const SIGNALS = Object.keys(STOP_SIGNALS) as StopSignal[];
/** What ends a process without its undo: see docs/guards.md. */
const UNHEARD = ['SIGKILL', 'SIGILL', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGPROF'];
const CODE = `
  import { stopOnSignals } from ${JSON.stringify(fileURLToPath(new URL('./signals.ts', import.meta.url)))};
  const [whose, others] = process.argv.slice(-2);
  if (others === 'others') process.on('SIGUSR2', () => console.log('the program itself'));
  const listen = () => {
    const { stop, release } = stopOnSignals((signal) => console.log('again ' + signal), whose);
    stop.addEventListener('abort', () => {
      if (others === 'told') {
        process.exitCode = 143;
        release();
      } else if (others !== 'once') {
        release();
        listen();
      }
      console.log(stop.reason.signal ?? stop.reason.kind);
      if (stop.reason.kind === 'orphaned') process.exit();
    });
  };
  listen();
  setInterval(() => {}, 1000);
  console.log('ready ' + process.pid);
`;
const ARGS = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', CODE];

/** A process that listens, and what it says line by line. */
async function listener(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value as string | undefined;
  const pid = Number((await next())?.replace('ready ', ''));
  const send = async (signal: NodeJS.Signals) => {
    process.kill(pid, signal);
    return next();
  };
  return { child, next, send, pid };
}

describe('signals', function () {
  this.timeout(20_000);
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  it('stop a run of a process of its own, whatever it is, and open no debugger', async () => {
    const { child, send } = await listener(process.execPath, [...ARGS, 'own', 'none']);
    children.push(child);
    for (const signal of SIGNALS) expect(await send(signal), signal).to.equal(signal);
    expect(await isFree(9229)).to.equal(true);
  });

  it('that only stop a process, or that nothing ends at, end no run', async function () {
    if (process.platform !== 'linux') this.skip();
    const { child, pid, send } = await listener(process.execPath, [...ARGS, 'own', 'none']);
    children.push(child);
    const numbers = new Set<number>(SIGNALS.map((signal) => STOP_SIGNALS[signal]));
    const others = Object.entries(constants.signals).filter(
      ([name, number]) => !numbers.has(number) && !UNHEARD.includes(name),
    );
    expect(
      others
        .map(([name]) => name.slice(3))
        .sort()
        .join(' '),
    ).to.equal('CHLD CONT PIPE STOP TSTP TTIN TTOU URG WINCH XFSZ');
    for (const [, number] of others) {
      process.kill(pid, number);
      process.kill(pid, 'SIGCONT');
    }
    expect(await send('SIGTERM')).to.equal('SIGTERM');
  });

  it('are handed on by what starts another Node.js', () => {
    const text = readFileSync(new URL('../../cli/bin.js', import.meta.url), 'utf8');
    const [, names = ''] = /const ending = '([A-Z0-9 ]+)'/.exec(text) ?? [];
    expect(names.split(' ').map((name) => `SIG${name}`)).to.have.members(SIGNALS);
  });

  it('come again, and are no second stop', async () => {
    const { child, send } = await listener(process.execPath, [...ARGS, 'own', 'once']);
    children.push(child);
    expect(await send('SIGINT')).to.equal('SIGINT');
    expect(await send('SIGTERM')).to.equal('again SIGTERM');
    expect(await send('SIGINT')).to.equal('again SIGINT');
  });

  it('that come after the end was told do not change it', async () => {
    const { child, pid, send } = await listener(process.execPath, [...ARGS, 'own', 'told']);
    children.push(child);
    expect(await send('SIGTERM')).to.equal('SIGTERM');
    process.kill(pid, 'SIGINT');
    expect(await once(child, 'exit')).to.deep.equal([143, null]);
  });

  it('that a program uses itself stay its own where faultline is a library', async () => {
    const { child, send } = await listener(process.execPath, [...ARGS, 'shared', 'others']);
    children.push(child);
    expect(await send('SIGUSR2')).to.equal('the program itself');
    expect(await send('SIGQUIT')).to.equal('SIGQUIT');
    expect(await send('SIGTERM')).to.equal('SIGTERM');
  });

  it('that nobody hands on are noticed by the end of the shell that had started the process', async function () {
    if (process.platform !== 'linux') this.skip();
    const quoted = [process.execPath, ...ARGS, 'own', 'none'].map((arg) => `'${arg.replaceAll("'", "'\\''")}'`);
    const { child, next } = await listener('sh', ['-c', `sh -c "$0"; true`, `${quoted.join(' ')}; true`]);
    children.push(child);
    child.kill('SIGTERM');
    expect(await next()).to.equal('orphaned');
  });
});

/** Whether nobody listens on a port of this machine. */
function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  return promise;
}

describe('the starters of a process', () => {
  const table: Record<number, [parent: number, group: number, name: string]> = {
    9: [8, 7, 'node'],
    8: [7, 7, 'sh'],
    7: [5, 7, 'npm exec'],
    5: [1, 5, 'bash'],
  };
  const read: ReadProcess = (pid) => {
    const [parent, group, name] = table[pid] ?? [];
    if (parent === undefined || group === undefined || name === undefined) return 'gone';
    return { parent, group, name, began: `${pid}` };
  };

  it('are those of its own job: the shell of a terminal may end', () => {
    expect(startersOf(9, read).map(({ name }) => name)).to.deep.equal(['sh', 'npm exec']);
    expect(startersOf(5, read)).to.deep.equal([]);
    expect(startersOf(4, read)).to.deep.equal([]);
  });

  it('are gone when they have ended, and when their number is another one by now', () => {
    const starters = startersOf(9, read);
    expect(goneOf(starters, read)).to.equal(undefined);
    expect(goneOf(starters, (pid) => (pid === 7 ? 'gone' : read(pid)))).to.equal('npm exec');
    const reused: ReadProcess = (pid) => {
      const found = read(pid);
      return typeof found === 'string' ? found : { ...found, began: 'later' };
    };
    expect(goneOf(starters, reused)).to.equal('sh');
  });

  it('are not gone where nobody can tell, as with too many open files', () => {
    const failing = (code: string) => () => {
      throw Object.assign(new Error(code), { code });
    };
    const read = (code: string) => readProcess(7, failing(code));
    expect(['ENOENT', 'ESRCH'].map(read)).to.deep.equal(['gone', 'gone']);
    const others = ['EMFILE', 'ENFILE', 'ENOMEM', 'EACCES', 'EIO'];
    expect(others.map(read)).to.deep.equal(others.map(() => 'unread'));
    expect(goneOf([{ pid: 7, parent: 5, group: 7, name: 'sh', began: '7' }], () => 'unread')).to.equal(undefined);
    expect(startersOf(9, () => 'unread')).to.deep.equal([]);
    expect(readProcess(process.pid)).to.include({ parent: process.ppid });
  });
});
