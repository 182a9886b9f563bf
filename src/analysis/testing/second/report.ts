import { parseArgs } from 'node:util';
import { analyze } from '../../index.ts';
import { type Complaint, check } from './check.ts';
import { KINDS } from './kinds.ts';
import type { Kind, TruthRun } from './truth.ts';

/*
 * node src/analysis/testing/second/report.ts [--seeds N] [--kind NAME]
 * Judges N runs of every kind (of one, with --kind) and prints what the judge said and what is wrong with it.
 */

type Row = { pass: number; fail: number; inconclusive: number; complaints: Complaint[]; ms: number };

/** A file in pieces that end anywhere, as a disk gives it. */
async function* pieces(text: string): AsyncIterable<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += 65_537) yield bytes.subarray(at, at + 65_537);
}

async function judge(run: TruthRun, row: Row): Promise<void> {
  const result = await analyze([...run.history], pieces(run.records));
  row[result.verdict]++;
  row.complaints.push(...check(run, result));
}

async function judgeKind(kind: Kind, seeds: number): Promise<Row> {
  const row: Row = { pass: 0, fail: 0, inconclusive: 0, complaints: [], ms: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const before = performance.now();
    const run = kind.make(seed);
    row.ms = Math.max(row.ms, performance.now() - before);
    try {
      await judge(run, row);
    } catch (error) {
      row.complaints.push({ kind: 'wrong-reason', text: `seed ${seed}: the judge threw: ${String(error)}` });
    }
  }
  return row;
}

function counts(complaints: readonly Complaint[]): string {
  const kinds = new Map<string, number>();
  for (const { kind } of complaints) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return [...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '3' }, kind: { type: 'string' } } });
const chosen = KINDS.filter((kind) => values.kind === undefined || kind.name === values.kind);
const totals = new Map<string, number>();
console.log(`${'kind'.padEnd(52)} ${'rule'.padEnd(12)}  p/ f/ i    ms  complaints`);
for (const kind of chosen) {
  const row = await judgeKind(kind, Number(values.seeds));
  const verdicts = [row.pass, row.fail, row.inconclusive].map((n) => String(n).padStart(2)).join('/');
  const ms = row.ms.toFixed(0).padStart(5);
  console.log(`${kind.name.padEnd(52)} ${kind.rule.padEnd(12)} ${verdicts} ${ms}  ${counts(row.complaints)}`);
  const shown = values.kind === undefined ? 1 : 99;
  for (const { kind: what, text } of row.complaints.slice(0, shown)) console.log(`    ${what}: ${text}`);
  for (const { kind: what } of row.complaints) totals.set(what, (totals.get(what) ?? 0) + 1);
}
console.log(`${chosen.length} kinds; ${[...totals].map(([what, n]) => `${n} ${what}`).join(', ') || 'no complaints'}`);
