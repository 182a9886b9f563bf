import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import { Pool } from 'undici';
import type { Load } from '../model/scenario.ts';
import type { Path } from '../model/target.ts';
import { hrtimeMicros } from './clock.ts';
import { undiciEngine } from './index.ts';

/*
 * CPU per request of the engine against the same requests sent by nothing but undici's `pool.request` and `body.text()`:
 * same server in a process of its own, same open model and rate, same keep-alive connections, each in a new worker thread
 * of this process and measured after the same warm-up, the rounds of both alternating in one run. The bare side parses
 * nothing, writes nothing and has no timeouts. CPU is that of all threads of this process.
 * Arguments: requests per second, seconds measured per round, rounds.
 */
const RATE = Number(process.argv[2] ?? 1000);
const SECONDS = Number(process.argv[3] ?? 8);
const ROUNDS = Number(process.argv[4] ?? 3);
const WARM_UP_SECONDS = 5;
const GOAL = 1.3;
const TIMEOUT_MS = 1000;
const BODY =
  '-> mocka(version: ap-northeast-1b, ip: 10.1.225.40)-> mockb(version: ap-northeast-1b, ip: 10.1.225.31)' +
  '-> mockc(version: ap-northeast-1b, ip: 10.1.225.32)';

type Cost = { readonly perRequest: number; readonly note: string };

const LOAD: Load = {
  paths: [{ name: 'entry', request: { method: 'GET', path: '/mock', headers: {} }, via: 'each-gateway-zone' }],
  ratePerSecond: RATE,
  timeoutMs: TIMEOUT_MS,
  connections: 'kept',
  chain: { from: { kind: 'body' }, hop: '-> {service}(version: {zone}, ip: {ip})' },
  good: { status: 200, chain: ['mocka', 'mockb', 'mockc'], latencyMs: 500 },
};

/** Microseconds of CPU of the whole process, all threads, for each of the requests due in the measured seconds. */
async function cpuPerRequest(): Promise<number> {
  await sleep(WARM_UP_SECONDS * 1000);
  const before = process.cpuUsage();
  await sleep(SECONDS * 1000);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (RATE * SECONDS);
}

async function engineRound(port: number, file: string): Promise<Cost> {
  const where = { id: 'entry@bench/a', name: 'entry', cluster: 'bench', region: 'bench', zone: 'a' };
  const path: Path = { ...where, protocol: 'http', host: '127.0.0.1', port };
  const handle = await undiciEngine().start({
    load: LOAD,
    paths: [path],
    file,
    zero: hrtimeMicros(),
    longestMs: 600_000,
  });
  const perRequest = await cpuPerRequest();
  const { counts, lateP99, degraded } = await handle.stop();
  const { size } = await stat(file);
  await rm(file);
  const bytes = Math.round(size / (counts[0]?.sent ?? 0));
  const note = `late p99 ${(lateP99 / 1000).toFixed(1)} ms, ${bytes} bytes/record, degraded: [${degraded.join('; ')}]`;
  return { perRequest, note };
}

async function bareRound(port: number): Promise<Cost> {
  const worker = new Worker(new URL(import.meta.url), { workerData: port, argv: process.argv.slice(2) });
  const perRequest = await cpuPerRequest();
  worker.postMessage('stop');
  const [note] = (await once(worker, 'message')) as [string];
  return { perRequest, note };
}

/** The open loop at its barest: one timer, everything that is due is sent at once. */
function bareLoop(port: number, main: MessagePort): void {
  const connections = Math.ceil((RATE * TIMEOUT_MS * 1.25) / 1000);
  const pool = new Pool(`http://127.0.0.1:${port}`, { allowH2: false, pipelining: 1, connections });
  const start = hrtimeMicros();
  const done = { sent: 0, answered: 0 };
  let timer: NodeJS.Timeout | undefined;
  const count = ({ length }: string) => {
    if (length === BODY.length) done.answered += 1;
  };
  const tick = () => {
    while (start + (done.sent * 1_000_000) / RATE <= hrtimeMicros()) {
      done.sent += 1;
      pool
        .request({ method: 'GET', path: '/mock' })
        .then(({ body }) => body.text())
        .then(count);
    }
    timer = setTimeout(tick, Math.ceil((start + (done.sent * 1_000_000) / RATE - hrtimeMicros()) / 1000));
  };
  tick();
  main.once('message', () => {
    clearTimeout(timer);
    void pool.close().then(() => main.postMessage(`${done.answered} of ${done.sent} answered`));
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function bench(): Promise<void> {
  const server = fork(fileURLToPath(import.meta.url), ['serve']);
  const port = await new Promise<number>((resolve) => server.once('message', (message) => resolve(Number(message))));
  const folder = await mkdtemp(join(tmpdir(), 'faultline-bench-'));
  console.log(`load/undici: ${RATE} requests/s, ${ROUNDS} rounds of each, ${SECONDS} s measured in each`);
  const engine: number[] = [];
  const bare: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const b = await bareRound(port);
    const e = await engineRound(port, join(folder, `${round}.ndjson`));
    console.log(`  bare ${b.perRequest.toFixed(1)} us CPU/request (${b.note})`);
    console.log(`  engine ${e.perRequest.toFixed(1)} us CPU/request (${e.note})`);
    bare.push(b.perRequest);
    engine.push(e.perRequest);
  }
  server.kill();
  await rm(folder, { recursive: true });
  const ratio = median(engine) / median(bare);
  console.log(
    `load/undici: median bare ${median(bare).toFixed(1)}, engine ${median(engine).toFixed(1)} us CPU/request`,
  );
  console.log(`load/undici: ratio ${ratio.toFixed(2)}, goal <= ${GOAL}: ${ratio <= GOAL ? 'met' : 'MISSED'}`);
  process.exitCode = ratio <= GOAL ? 0 : 1;
}

function serve(): void {
  const server = http.createServer((_, response) => response.end(BODY));
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.once('disconnect', () => process.exit());
}

if (parentPort !== null) bareLoop(workerData as number, parentPort);
else if (process.argv[2] === 'serve') serve();
else await bench();
