import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HistoryEvent } from '../model/history.ts';
import { analyze } from './index.ts';
import { recordLines } from './testing/big-file.ts';
import { HistoryBuilder } from './testing/history-builder.ts';
import { endpointsOf, faultOn, headerOf, ORDER } from './testing/world.ts';

/*
 * How fast, and in how much memory, a run is judged: `node src/analysis/analysis.bench.ts [records ...]`.
 * Each size is measured in a child process of its own, reading a file as `faultline analyze` does.
 */

const GOAL_PER_SECOND = 1_000_000;
/** More than this between the smallest and the largest size means that memory grows with the records. */
const GOAL_GROWTH_MB = 64;

function historyFor(seconds: number, rate: number): HistoryEvent[] {
  const at = (share: number): number => Math.floor(seconds * 1e6 * share);
  const fault = faultOn('north-a');
  const run = headerOf({
    rate,
    timeoutMs: 2000,
    latencyMs: 1000,
    faults: [fault],
    durations: { baselineMs: at(0.2) / 1000, holdMs: at(0.4) / 1000, recoverMs: at(0.4) / 1000 },
    expect: {
      steadyState: { goodAtLeast: 0.99, sameZoneAtLeast: 0.99 },
      failoverOrder: [ORDER],
      recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 },
      errorBudget: { perPath: 1000 },
      unaffected: { except: [{ zone: 'north-a' }] },
      ejections: [],
      failback: { withinMs: 15_000 },
    },
  });
  const step = { type: 'fault', fault: fault.name } as const;
  return new HistoryBuilder()
    .at(0, { type: 'run-start', run })
    .at(1, { type: 'phase-start', phase: 'baseline' })
    .at(2, { type: 'endpoints', cluster: 'tokyo', endpoints: endpointsOf('tokyo') })
    .at(3, { type: 'endpoints', cluster: 'osaka', endpoints: endpointsOf('osaka') })
    .at(at(0.2), { type: 'phase-end', phase: 'baseline' })
    .at(at(0.2) + 1, { ...step, step: 'requested' })
    .at(at(0.2) + 2, { ...step, step: 'acknowledged' })
    .at(at(0.2) + 100, { ...step, step: 'proven' })
    .at(at(0.6), { ...step, step: 'undo-requested' })
    .at(at(0.6) + 1000, { ...step, step: 'undone' })
    .at(at(1), { type: 'run-end', status: 'completed' })
    .build();
}

type Figures = {
  readonly records: number;
  readonly seconds: number;
  /** Of all threads of the child; does not depend on what else the machine does. */
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly heapMb: number;
  readonly verdict: string;
};

/** Runs in the child: judges the file and prints the figures. */
async function measure(file: string, records: number, seconds: number, rate: number): Promise<void> {
  const history = historyFor(seconds, rate);
  const start = performance.now();
  const cpuStart = process.cpuUsage();
  const result = await analyze(history, createReadStream(file, { highWaterMark: 1 << 18 }));
  const took = (performance.now() - start) / 1000;
  const cpu = process.cpuUsage(cpuStart);
  const judged = result.series.good.reduce((a, b) => a + b, 0) + result.series.bad.reduce((a, b) => a + b, 0);
  if (judged !== records) throw new Error(`${judged} of ${records} records judged`);
  const peakMb = process.resourceUsage().maxRSS / 1024;
  const figures: Figures = {
    records,
    seconds: took,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    peakMb,
    heapMb: process.memoryUsage().heapUsed / 1e6,
    verdict: result.verdict,
  };
  console.log(JSON.stringify(figures));
}

async function write(file: string, records: number, rate: number, seconds: number): Promise<void> {
  const out = createWriteStream(file);
  for (const text of recordLines(records, rate, seconds)) if (!out.write(text)) await once(out, 'drain');
  out.end();
  await once(out, 'close');
}

async function main(sizes: readonly number[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  const rows: Figures[] = [];
  try {
    for (const records of sizes) {
      const file = join(folder, `${records}.ndjson`);
      const rate = 1000;
      const seconds = records / 5 / rate;
      await write(file, records, rate, seconds);
      const child = spawnSync(
        process.execPath,
        [fileURLToPath(import.meta.url), '--child', file, `${records}`, `${seconds}`, `${rate}`],
        { encoding: 'utf8' },
      );
      if (child.status !== 0) throw new Error(child.stderr);
      const row = JSON.parse(child.stdout) as Figures;
      rows.push(row);
      const speed = (row.records / row.cpuSeconds / 1e6).toFixed(2);
      console.log(
        `analysis: ${row.records} records in ${row.seconds.toFixed(2)} s (${row.cpuSeconds.toFixed(2)} s of CPU), ${speed} M/s of CPU, peak ${row.peakMb.toFixed(0)} MB, heap ${row.heapMb.toFixed(0)} MB`,
      );
      rmSync(file);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const slowest = Math.min(...rows.map((row) => row.records / row.cpuSeconds));
  const growth = Math.max(...rows.map((row) => row.peakMb)) - Math.min(...rows.map((row) => row.peakMb));
  const isMet = slowest > GOAL_PER_SECOND && growth < GOAL_GROWTH_MB;
  console.log(`analysis: goal of ${GOAL_PER_SECOND / 1e6} M/s in flat memory ${isMet ? 'met' : 'MISSED'}`);
  if (!isMet) process.exitCode = 1;
}

const [flag, ...rest] = process.argv.slice(2);
if (flag === '--child') await measure(rest[0] ?? '', Number(rest[1]), Number(rest[2]), Number(rest[3]));
else
  await main(
    [flag, ...rest]
      .filter((arg) => arg !== undefined)
      .map(Number)
      .concat(flag === undefined ? [1_000_000, 10_000_000] : []),
  );
