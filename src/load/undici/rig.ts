import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadSummary } from '../../model/ports.ts';
import type { Chain, RequestRecord } from '../../model/record.ts';
import { decodeLine, emptyRecord } from '../../model/record-codec.ts';
import type { Load, RequestTemplate } from '../../model/scenario.ts';
import type { Path } from '../../model/target.ts';
import type { Micros } from '../../model/units.ts';
import { hrtimeMicros } from '../clock.ts';
import { type LoadView, type UndiciEngine, type UndiciHandle, type UndiciOptions, undiciEngine } from '../index.ts';

/*
 * For the specs of the engine: real servers on loopback, and what a run of the engine left behind.
 */

/** A server on a free loopback port that knows its connections. */
export type Target = { readonly port: number; readonly connections: () => number; close(): Promise<void> };

/** Starts a server; `closed` servers are ended at once and their port is free again. */
export async function listen(server: Server | http.Server): Promise<Target> {
  const open = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.close();
    for (const socket of open) socket.destroy();
    if (server.listening) await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, connections: () => connections, close };
}

/** A server in a process of its own that can be frozen; it accepts one waiting connection and then none. */
export async function freezable(): Promise<{ child: ChildProcess; port: number }> {
  const source = `
    const server = require('node:http').createServer((_, res) => res.end(${JSON.stringify(CHAIN)}));
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.send(server.address().port));
    process.once('disconnect', () => process.exit());`;
  const child = fork('-', { execArgv: ['-e', source] });
  const [port] = (await once(child, 'message')) as [number];
  return { child, port };
}

/** A server that answers each request by `answer`. */
export function answering(answer: http.RequestListener): Promise<Target> {
  return listen(http.createServer(answer));
}

export const CHAIN = '-> mocka(version: z1, ip: 127.1.1.1)-> mockb(version: z2, ip: 127.1.1.2)';

export function loadOf(change: Partial<Load> = {}, request: Partial<RequestTemplate> = {}): Load {
  return {
    paths: [
      { name: 'entry', request: { method: 'GET', path: '/mock', headers: {}, ...request }, via: 'each-gateway-zone' },
    ],
    ratePerSecond: 100,
    timeoutMs: 1000,
    connections: 'kept',
    chain: { from: { kind: 'body' }, hop: '-> {service}(version: {zone}, ip: {ip})' },
    good: { status: 200, chain: ['mocka', 'mockb'], latencyMs: 900 },
    ...change,
  };
}

export function pathTo(port: number, zone = 'a', protocol: Path['protocol'] = 'http'): Path {
  return { id: `entry@t/${zone}`, name: 'entry', cluster: 't', region: 'r', zone, protocol, host: '127.0.0.1', port };
}

/** What a run of the engine left behind. */
export type Outcome = {
  /** The zero of the record times, on the scale of hrtimeMicros. */
  readonly zero: Micros;
  readonly summary: LoadSummary;
  readonly view: LoadView;
  readonly records: readonly RequestRecord[];
  readonly chains: readonly Chain[];
  readonly texts: readonly string[];
  readonly engine: string;
  readonly paths: readonly string[];
};

/** Reads a record file; a line that is no record fails the spec. */
export async function readRecords(file: string): Promise<Omit<Outcome, 'summary' | 'view' | 'zero'>> {
  const found = {
    records: [] as RequestRecord[],
    chains: [] as Chain[],
    texts: [] as string[],
    engine: '',
    paths: [] as string[],
  };
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  const record = emptyRecord();
  lines.forEach((text, i) => {
    decodeLine(text, i + 1, record, {
      header: ({ engine }) => {
        found.engine = engine;
      },
      path: (index, id) => {
        found.paths[index] = id;
      },
      chain: (index, chain) => {
        found.chains[index] = chain;
      },
      text: (index, text) => {
        if (index !== found.texts.length) throw new Error(`line ${i + 1} gives words an index out of order`);
        found.texts[index] = text;
      },
      request: (request) => {
        if (request.text >= found.texts.length) throw new Error(`line ${i + 1} uses words that come later`);
        if (request.chain >= found.chains.length) throw new Error(`line ${i + 1} uses a chain that comes later`);
        found.records.push({ ...request });
      },
      corrupt: (line, what) => {
        throw new Error(`line ${line} is corrupt: ${what}`);
      },
    });
  });
  return found;
}

/** The words of every request that failed, each once. */
export function wordsIn({ records, texts }: Pick<Outcome, 'records' | 'texts'>): string[] {
  const failed = records.filter((r) => r.outcome === 'error');
  return [...new Set(failed.map((r) => texts[r.text] ?? 'none'))];
}

/** Waits until `ready`; gives up before mocha does, so that nothing waits on after a failed spec. */
export async function until(ready: () => boolean): Promise<void> {
  for (let looks = 0; !ready(); looks += 1) {
    if (looks === 1500) throw new Error('what was waited for never came');
    await sleep(10);
  }
}

export function sentBy(handle: UndiciHandle): number {
  return handle.progress().paths.reduce((sum, path) => sum + path.sent, 0);
}

/** Runs the engine until `enough`, by default until 30 requests were sent, then stops it. */
export async function runLoad(
  load: Load,
  paths: readonly Path[],
  settings: {
    options?: UndiciOptions;
    enough?: (handle: UndiciHandle) => boolean;
    engine?: Pick<UndiciEngine, 'start'>;
  } = {},
): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-load-'));
  try {
    const file = join(folder, 'requests.ndjson');
    const engine = settings.engine ?? undiciEngine(settings.options);
    const zero = hrtimeMicros();
    const handle = await engine.start({ load, paths, file, zero, longestMs: 600_000 });
    const enough = settings.enough ?? (() => sentBy(handle) >= 30);
    await until(() => enough(handle)).catch((error: unknown) => handle.stop().finally(() => Promise.reject(error)));
    const summary = await handle.stop();
    return { summary, zero, view: handle.progress(), ...(await readRecords(file)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Every due request of a path is there once, evenly spaced (to `blur` microseconds), and the summary says the same
 * numbers.
 */
export function expectComplete(
  { records, summary }: Pick<Outcome, 'records' | 'summary'>,
  ratePerSecond: number,
  blur = 1,
): void {
  summary.counts.forEach((counts, path) => {
    const own = records.filter((r) => r.path === path).toSorted((a, b) => a.seq - b.seq);
    assert.deepEqual(
      own.map((r) => r.seq),
      own.map((_, i) => i),
    );
    const interval = 1_000_000 / ratePerSecond;
    const first = own[0]?.due ?? 0;
    for (const { due, seq } of own)
      assert.ok(Math.abs(due - first - seq * interval) <= blur, `due time of request ${seq}`);
    assert.equal(own.length, counts.due);
    assert.equal(own.filter((r) => r.outcome === 'dropped').length, counts.dropped);
    assert.equal(counts.sent + counts.dropped, counts.due);
  });
}

/** Percentiles in which requests that were not on their way say too little: those of a closed loop would be lower. */
const PERCENTILES = [50, 60, 70, 80, 90, 95, 99];
/** Ranks, in percent, that a moment between a signal and its effect may shift. */
const RANK_BLUR = 3;

/**
 * The latencies, from the due times, are at least those of an open model: whatever was due while the target was frozen
 * has waited until it thawed, or for the timeout. `frozen` is on the scale of hrtimeMicros.
 */
export function expectOpenModel({ records, zero }: Outcome, frozen: { from: Micros; to: Micros }, timeoutMs: number) {
  const least = records.map(({ due }) => {
    const at = due + zero;
    return at < frozen.from || at > frozen.to ? 0 : Math.min(frozen.to - at, timeoutMs * 1000);
  });
  const measured = records.map(({ due, end }) => end - due);
  for (const p of PERCENTILES) {
    const [wanted, got] = [percentile(least, p - RANK_BLUR), percentile(measured, p)];
    assert.ok(got >= wanted, `p${p}: ${got} us, and an open model has at least ${wanted} us`);
  }
}

function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))] ?? 0;
}
