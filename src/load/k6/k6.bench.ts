import { type ChildProcess, fork, spawn } from 'node:child_process';
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
import { findK6, k6Engine } from '../index.ts';
import { cpuTime } from './cpu.ts';

/*
 * CPU of the k6 process per request: bare (http.get, nothing parsed), with --out json, with a record printed to the
 * console, and with the extension, which parses and records everything. Same server in a process of its own, same rate,
 * kept connections, each measured after the same warm-up, the rounds of all alternating in one run.
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
type Round = (binary: string, port: number, folder: string) => Promise<Cost>;

const ROUTES: Readonly<Record<string, Round>> = {
  bare: (binary, port, folder) => scripted(binary, port, folder, []),
  json: (binary, port, folder) => scripted(binary, port, folder, [`--out=json=${join(folder, 'out')}`]),
  console: (binary, port, folder) => {
    const flags = [`--console-output=${join(folder, 'out')}`, '--log-format=raw'];
    return scripted(binary, port, folder, flags, CONSOLE_PART);
  },
  extension: extended,
};

const CONSOLE_PART = `
  const hops = [];
  for (const m of r.body.matchAll(/-> ([^(]+)\\(version: ([^,]+), ip: ([^)]+)\\)/g)) hops.push(m[1] + '@' + m[2]);
  console.log(JSON.stringify({ p: 0, n: exec.scenario.iterationInTest, t0, t1: Date.now(), s: r.status, c: hops.join('>') }));`;

function script(port: number, part: string): string {
  const users = Math.ceil((RATE * TIMEOUT_MS * 1.25) / 1000);
  return `import http from 'k6/http';
import exec from 'k6/execution';
export const options = { scenarios: { path0: { executor: 'constant-arrival-rate', rate: ${RATE}, timeUnit: '1s',
  duration: '10m', preAllocatedVUs: ${users}, maxVUs: ${users}, gracefulStop: '0s' } } };
export default function () {
  const t0 = Date.now();
  const r = http.get('http://127.0.0.1:${port}/mock', { timeout: '${TIMEOUT_MS}ms' });${part}
}
void exec;`;
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

async function scripted(binary: string, port: number, folder: string, flags: string[], part = ''): Promise<Cost> {
  const file = join(folder, 'script.js');
  await writeFile(file, script(port, part));
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

async function extended(binary: string, port: number, folder: string): Promise<Cost> {
  const where = { id: 'entry@bench/a', name: 'entry', cluster: 'bench', region: 'bench', zone: 'a' };
  const path: Path = { ...where, protocol: 'http', host: '127.0.0.1', port };
  const load: Load = {
    paths: [{ name: 'entry', request: { method: 'GET', path: '/mock', headers: {} }, via: 'each-gateway-zone' }],
    ratePerSecond: RATE,
    timeoutMs: TIMEOUT_MS,
    connections: 'kept',
    chain: { from: { kind: 'body' }, hop: '-> {service}(version: {zone}, ip: {ip})' },
    good: { status: 200, chain: ['mocka', 'mockb', 'mockc'], latencyMs: TIMEOUT_MS },
  };
  const file = join(folder, 'requests.ndjson');
  const handle = await k6Engine({ binary }).start({
    load,
    paths: [path],
    file,
    zero: hrtimeMicros(),
    longestMs: 600_000,
  });
  const perRequest = await measure(handle.pid);
  const { counts } = await handle.stop();
  const { size } = await stat(file);
  await rm(file);
  return { perRequest, bytes: size / (counts[0]?.due ?? 1) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function bench(binary: string, server: ChildProcess): Promise<void> {
  const [port] = (await once(server, 'message')) as [number];
  const folder = await mkdtemp(join(tmpdir(), 'faultline-bench-'));
  console.log(`load/k6: ${RATE} requests/s, ${ROUNDS} rounds of each, ${SECONDS} s measured in each`);
  const costs = new Map<string, Cost[]>(Object.keys(ROUTES).map((name) => [name, []]));
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const [name, run] of Object.entries(ROUTES)) costs.get(name)?.push(await run(binary, port, folder));
  }
  const of = (name: string) => median((costs.get(name) ?? []).map((cost) => cost.perRequest));
  for (const [name, all] of costs) {
    const bytes = Math.round(median(all.map((cost) => cost.bytes)));
    const each = all.map((cost) => cost.perRequest.toFixed(0)).join(', ');
    const ratio = (of(name) / of('bare')).toFixed(2);
    console.log(
      `  ${name.padEnd(9)} ${of(name).toFixed(0)} us CPU/request (${each}), ${ratio} x bare, ${bytes} bytes/request`,
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

async function main(): Promise<void> {
  const usable = (await findK6()).find((k6) => k6.problem === undefined);
  if (usable === undefined) console.log('load/k6: SKIPPED, there is no k6 with the extension. Run: faultline k6 build');
  else await bench(usable.path, fork(fileURLToPath(import.meta.url), ['serve']));
}

if (process.argv[2] === 'serve') serve();
else await main();
