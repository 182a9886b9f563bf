import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bigHistory, bigRecords } from './testing/big-file.ts';
import type { Shape } from './testing/big-world.ts';

/*
 * What `faultline analyze` costs, the whole process with its reports, for runs of many records, paths, faults, services
 * and chains: `node src/analysis/analysis.bench.ts`, with `--heavy` also the largest. Bounds are for the CPU of a quiet
 * machine of 2024; a busy one takes twice as long, what is not linear takes a hundred times as long. The first row fills
 * the cache of compiled code, as a user's first command does.
 */

type Bound = { readonly cpuSeconds: number; readonly mb: number; readonly resultMb: number; readonly reportMb: number };
type Row = { readonly name: string; readonly shape: Shape; readonly most: Bound; readonly isHeavy?: boolean };

const SMALL = { records: 1e6, paths: 4, faults: 1, services: 3, chainsPerPlace: 1, seconds: 3600 } as const;
const DAY = 86_400;

const ROWS: readonly Row[] = [
  {
    name: '4 paths, 1 M records, 24 h',
    shape: { ...SMALL, seconds: DAY },
    most: { cpuSeconds: 2, mb: 200, resultMb: 0.3, reportMb: 0.5 },
  },
  {
    name: '4 paths, 10 M records, 24 h',
    shape: { ...SMALL, seconds: DAY, records: 1e7 },
    most: { cpuSeconds: 3, mb: 200, resultMb: 0.3, reportMb: 0.5 },
    isHeavy: true,
  },
  {
    name: '1,000 paths, 1 M records',
    shape: { ...SMALL, paths: 1000, seconds: 600 },
    most: { cpuSeconds: 6, mb: 700, resultMb: 6, reportMb: 3 },
  },
  {
    name: '200 services, 1 M records',
    shape: { ...SMALL, services: 200 },
    most: { cpuSeconds: 4, mb: 300, resultMb: 4, reportMb: 1 },
  },
  {
    name: '200 services, 5,000 chains',
    shape: { ...SMALL, services: 200, chainsPerPlace: 625 },
    most: { cpuSeconds: 5, mb: 600, resultMb: 4, reportMb: 1 },
  },
  {
    name: '200 services, 5,000 mixed chains',
    shape: { ...SMALL, services: 200, chainsPerPlace: 625, mixedZones: true },
    most: { cpuSeconds: 15, mb: 1024, resultMb: 4, reportMb: 1 },
    isHeavy: true,
  },
  {
    name: '3 services, 2,000 chains a place',
    shape: { ...SMALL, chainsPerPlace: 2000 },
    most: { cpuSeconds: 3, mb: 250, resultMb: 0.3, reportMb: 0.5 },
  },
  {
    name: '20 faults, 4 paths, 1 M records',
    shape: { ...SMALL, faults: 20 },
    most: { cpuSeconds: 3, mb: 250, resultMb: 1, reportMb: 1 },
  },
  {
    name: '20 faults, 200 paths, 0.1 M records',
    shape: { ...SMALL, records: 1e5, faults: 20, paths: 200, seconds: 600 },
    most: { cpuSeconds: 3, mb: 400, resultMb: 6, reportMb: 2 },
  },
  {
    name: '20 faults, 1,000 paths, 1 M records',
    shape: { ...SMALL, faults: 20, paths: 1000, seconds: 1000 },
    most: { cpuSeconds: 12, mb: 1024, resultMb: 20, reportMb: 3 },
    isHeavy: true,
  },
  {
    name: 'the same, every path fails each time',
    shape: { ...SMALL, faults: 20, paths: 1000, seconds: 1000, allFail: true },
    most: { cpuSeconds: 15, mb: 1024, resultMb: 26, reportMb: 3 },
    isHeavy: true,
  },
];

const MAIN = fileURLToPath(new URL('../cli/bin.js', import.meta.url));
/** Prints what the process that loads it has used, when it ends. */
const METER = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => { const { user, system } = process.cpuUsage(); process.stderr.write('\\nused ' + [(user + system) / 1e6, performance.now() / 1e3, process.resourceUsage().maxRSS / 1024].join(' ')); })",
)}`;

async function write(folder: string, shape: Shape): Promise<void> {
  writeFileSync(
    join(folder, 'history.ndjson'),
    bigHistory(shape)
      .map((event) => `${JSON.stringify(event)}\n`)
      .join(''),
  );
  const out = createWriteStream(join(folder, 'requests.ndjson'));
  for (const text of bigRecords(shape)) if (!out.write(text)) await once(out, 'drain');
  out.end();
  await once(out, 'close');
}

type Used = Bound & { readonly wallSeconds: number };

function measure(folder: string): Used {
  const args = ['--disable-warning=ExperimentalWarning', '--import', METER, MAIN, 'analyze', folder];
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  const used = /\nused (\S+) (\S+) (\S+)$/.exec(stderr);
  if (used === null) throw new Error(stderr);
  const [cpuSeconds, wallSeconds, mb] = used.slice(1).map(Number) as [number, number, number];
  const size = (file: string): number => statSync(join(folder, file)).size / 2 ** 20;
  return { cpuSeconds, wallSeconds, mb, resultMb: size('result.json'), reportMb: size('report.html') };
}

const COLUMNS = ['CPU s', 'wall s', 'peak MB', 'result MB', 'report MB'];
const line = (name: string, cells: readonly string[]): string =>
  `${name.padEnd(38)}${cells.map((cell) => cell.padStart(18)).join('')}`;

function told({ name, most }: Row, used: Used): string {
  const cell = (value: number, bound: number, digits: number): string =>
    `${value.toFixed(digits)} of ${bound}${value > bound ? ' !' : ''}`;
  return line(name, [
    cell(used.cpuSeconds, most.cpuSeconds, 2),
    used.wallSeconds.toFixed(2),
    cell(used.mb, most.mb, 0),
    cell(used.resultMb, most.resultMb, 2),
    cell(used.reportMb, most.reportMb, 2),
  ]);
}

const isMet = ({ most }: Row, used: Used): boolean =>
  (['cpuSeconds', 'mb', 'resultMb', 'reportMb'] as const).every((key) => used[key] <= most[key]);

async function main(withHeavy: boolean): Promise<void> {
  console.log(line('analysis', COLUMNS));
  for (const row of ROWS) {
    if (row.isHeavy === true && !withHeavy) continue;
    const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
    try {
      await write(folder, row.shape);
      const used = measure(folder);
      console.log(told(row, used));
      if (!isMet(row, used)) process.exitCode = 1;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  if (process.exitCode === 1) console.log('analysis: MISSED a bound (!)');
}

await main(process.argv.includes('--heavy'));
