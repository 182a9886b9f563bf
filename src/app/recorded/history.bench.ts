import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunResult } from '../../model/result.ts';
import { serializeResult } from '../../report/index.ts';
import { FIXTURES } from '../../report/testing/results/index.ts';
import { recordedRun } from '../../trend/recorded-run.ts';
import { findRuns } from './recorded-runs.ts';
import { writeHistory } from './write-history.ts';

/** Reading 1,000 run folders and writing their page: under ten seconds, and under 2 MB. */
const RUNS = 1000;
const MOST_MS = 10_000;
const MOST_BYTES = 2_000_000;

const dir = mkdtempSync(join(tmpdir(), 'faultline-history-'));
try {
  const results = [FIXTURES.pass, FIXTURES.fail, FIXTURES.pass, FIXTURES.inconclusive] as RunResult[];
  for (let i = 0; i < RUNS; i++) {
    const result = results[i % results.length] as RunResult;
    const runId = `run-${i}`;
    const startedAt = new Date(Date.UTC(2026, 0, 1, i)).toISOString();
    mkdirSync(join(dir, `nightly-${i % 10}`, runId), { recursive: true });
    const path = join(dir, `nightly-${i % 10}`, runId, 'result.json');
    writeFileSync(path, serializeResult({ ...result, startedAt, run: { ...result.run, runId } }));
  }
  const start = performance.now();
  const files = writeHistory(dir, findRuns([dir], recordedRun));
  const took = performance.now() - start;
  const { size } = statSync(files.html);
  const isMissed = took > MOST_MS || size > MOST_BYTES;
  console.log(
    `history: ${RUNS} runs in ${(took / 1000).toFixed(2)} s, page of ${(size / 1024).toFixed(0)} KiB${isMissed ? ' MISSED its goal' : ''}`,
  );
  if (isMissed) process.exitCode = 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
