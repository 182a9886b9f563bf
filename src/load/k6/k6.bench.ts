import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Load } from '../../model/scenario.ts';
import type { Path } from '../../model/target.ts';
import { hrtimeMicros } from '../clock.ts';
import { findK6, type K6Engine, k6ConsoleEngine, k6Engine } from '../index.ts';
import { cpuTime } from './local/cpu.ts';

/*
 * CPU of the k6 process per request: bare (http.get, nothing parsed), with --out json, with the extension, which parses and
 * records everything; and over fresh connections, which the console route needs, bare and with that route. Same server in
 * a process of its own, same rate, each measured after the same warm-up, the rounds of all alternating in one run. All but
 * the extension use k6 as its project releases it.
 * Arguments: requests per second, seconds measured per round, rounds.
 */
const RATE = Number(process.argv[2] ?? 1000);
const SECONDS = Number(process.argv[3] ?? 5);
const ROUNDS = Number(process.argv[4] ?? 3);
const WARM_UP_MS = 2000;
const TIMEOUT_MS = 200;
const GOAL = 1.1;
const BODY =
  '-> mocka(version: ap-northeast-1b, ip: 10.1.225.40)-> mockb(version: ap-northeast-1b, ip: 10.1.225.31)' +
  '-> mockc(version: ap-northeast-1b, ip: 10.1.225.32)';

type Cost = { readonly perRequest: number; readonly bytes: number };
type Binaries = { readonly stock: string; readonly extended: string };
type Round = (binaries: Binaries, port: number, folder: string) => Promise<Cost>;
type Connections = Load['connections'];

/** Each with the one that it is compared with. */
const ROUTES: Readonly<Record<string, { readonly run: Round; readonly bare: string }>> = {
  bare: { run: (k6, port, folder) => scripted(k6.stock, port, folder, 'kept', []), bare: 'bare' },
  json: {
    run: (k6, port, folder) => scripted(k6.stock, port, folder, 'kept', [`--out=json=${join(folder, 'out')}`]),
    bare: 'bare',
  },
  extension: {
    run: (k6, port, folder) => engine(k6Engine({ binary: k6.extended }), port, folder, 'kept'),
    bare: 'bare',
  },
  'bare, fresh': { run: (k6, port, folder) => scripted(k6.stock, port, folder, 'fresh', []), bare: 'bare, fresh' },
  'console, fresh': {
    run: (k6, port, folder) => engine(k6ConsoleEngine({ binary: k6.stock }), port, folder, 'fresh'),
    bare: 'bare, fresh',
  },
};

function script(port: number, connections: Connections): string {
  const users = Math.ceil((RATE * TIMEOUT_MS * 1.25) / 1000);
  return `import http from 'k6/http';
export const options = { noConnectionReuse: ${connections === 'fresh'}, scenarios: { path0: {
  executor: 'constant-arrival-rate', rate: ${RATE}, timeUnit: '1s', duration: '10m', preAllocatedVUs: ${users},
  maxVUs: ${users}, gracefulStop: '0s' } } };
export default function () {
  http.get('http://127.0.0.1:${port}/mock', { timeout: '${TIMEOUT_MS}ms' });
}`;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** CPU per request of a process that sends already. */
async function measure(pid: number): Promise<number> {
  await sleep(WARM_UP_MS);
  const [from, before] = [hrtimeMicros(), await cpuTime(pid)];
  await sleep(SECONDS * 1000);
  const [to, after] = [hrtimeMicros(), await cpuTime(pid)];
  if (before === undefined || after === undefined) throw new Error('the CPU time of k6 cannot be read');
  return (after - before) / (((to - from) / 1e6) * RATE);
}

async function scripted(
  binary: string,
  port: number,
  folder: string,
  connections: Connections,
  flags: string[],
): Promise<Cost> {
  const file = join(folder, 'script.js');
  await writeFile(file, script(port, connections));
  const fixed = ['run', '--quiet', '--summary-mode=disabled', '--no-usage-report', ...flags, file];
  const env = { HOME: folder, K6_AUTO_EXTENSION_RESOLUTION: 'false' };
  const began = hrtimeMicros();
  const child = spawn(binary, fixed, { cwd: folder, env, stdio: 'ignore' });
  const perRequest = await measure(child.pid ?? 0);
  child.kill('SIGINT');
  await once(child, 'close');
  const requests = ((hrtimeMicros() - began) / 1e6) * RATE;
  const { size } = await stat(join(folder, 'out')).catch(() => ({ size: 0 }));
  await rm(join(folder, 'out'), { force: true });
  return { perRequest, bytes: size / requests };
}

async function engine(engine: K6Engine, port: number, folder: string, connections: Connections): Promise<Cost> {
  const where = { id: 'entry@bench/a', name: 'entry', cluster: 'bench', region: 'bench', zone: 'a' };
  const path: Path = { ...where, protocol: 'http', host: '127.0.0.1', port };
  const load: Load = {
    paths: [{ name: 'entry', request: { method: 'GET', path: '/mock', headers: {} }, via: 'each-gateway-zone' }],
    ratePerSecond: RATE,
    timeoutMs: TIMEOUT_MS,
    connections,
    chain: { from: { kind: 'body' }, hop: '-> {service}(version: {zone}, ip: {ip})' },
    good: { status: 200, chain: ['mocka', 'mockb', 'mockc'], latencyMs: TIMEOUT_MS },
  };
  const file = join(folder, 'requests.ndjson');
  const order = { load, paths: [path], file, zero: hrtimeMicros(), longestMs: 600_000 };
  const handle = await engine.start(order);
  const perRequest = await measure(handle.pid);
  const { counts } = await handle.stop();
  const { size } = await stat(file);
  await rm(file);
  return { perRequest, bytes: size / (counts[0]?.due ?? 1) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function bench(binaries: Binaries, server: ChildProcess): Promise<void> {
  const [port] = (await once(server, 'message')) as [number];
  const folder = await mkdtemp(join(tmpdir(), 'faultline-bench-'));
  console.log(`load/k6: ${RATE} requests/s, ${ROUNDS} rounds of each, ${SECONDS} s measured in each`);
  const costs = new Map<string, Cost[]>(Object.keys(ROUTES).map((name) => [name, []]));
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const [name, { run }] of Object.entries(ROUTES)) costs.get(name)?.push(await run(binaries, port, folder));
  }
  const of = (name: string) => median((costs.get(name) ?? []).map((cost) => cost.perRequest));
  for (const [name, { bare }] of Object.entries(ROUTES)) {
    const all = costs.get(name) ?? [];
    const bytes = Math.round(median(all.map((cost) => cost.bytes)));
    const each = all.map((cost) => cost.perRequest.toFixed(0)).join(', ');
    const ratio = (of(name) / of(bare)).toFixed(2);
    const label = name.padEnd(14);
    console.log(
      `  ${label} ${of(name).toFixed(0)} us CPU/request (${each}), ${ratio} x ${bare}, ${bytes} bytes/request`,
    );
  }
  const ratio = of('extension') / of('bare');
  console.log(`load/k6: extension ${ratio.toFixed(2)} x bare, goal <= ${GOAL}: ${ratio <= GOAL ? 'met' : 'MISSED'}`);
  process.exitCode = ratio <= GOAL ? 0 : 1;
  server.kill();
  await rm(folder, { recursive: true });
}

function serve(): void {
  const server = http.createServer((_, response) => response.end(BODY));
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.once('disconnect', () => process.exit());
}

/** k6 as its project releases it, from the same locked modules. */
function buildStock(folder: string): string {
  const path = join(folder, 'k6');
  const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOFLAGS: '-trimpath -buildvcs=false' };
  const cwd = fileURLToPath(new URL('../xk6', import.meta.url));
  execFileSync('go', ['build', '-o', path, 'go.k6.io/k6/v2'], { cwd, env, stdio: 'inherit' });
  return path;
}

async function main(): Promise<void> {
  const usable = (await findK6()).find((k6) => k6.problem === undefined && k6.extension);
  if (usable === undefined) {
    console.log('load/k6: SKIPPED, there is no k6 with the extension. Run: faultline k6 build');
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'faultline-stock-'));
  const binaries = { stock: buildStock(folder), extended: usable.path };
  await bench(binaries, fork(fileURLToPath(import.meta.url), ['serve']));
  await rm(folder, { recursive: true });
}

if (process.argv[2] === 'serve') serve();
else await main();
