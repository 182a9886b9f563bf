import { createReadStream, existsSync } from 'node:fs';
import { analyze } from '../analysis/index.ts';
import { OBJECTIVES } from '../analysis/objectives/index.ts';
import { FaultlineError } from '../model/errors.ts';
import type { RunResult } from '../model/result.ts';
import { renderHtml, renderJunit, renderMarkdown, serializeResult } from '../report/index.ts';
import { readHistory } from '../store/history-file.ts';
import { type RunFolder, writeWhole } from '../store/run-folder.ts';

/** Judges what a run folder holds. Throws RUN_FOLDER when it holds no history. */
export async function analyzeFolder(folder: RunFolder): Promise<RunResult> {
  if (!existsSync(folder.history)) {
    throw new FaultlineError('RUN_FOLDER', `${folder.path}: no history.ndjson`, {
      hint: 'Name the folder of a run, for example reports/latest',
    });
  }
  return analyze(readHistory(folder.history), recordsOf(folder));
}

async function* recordsOf(folder: RunFolder): AsyncGenerator<Uint8Array> {
  if (existsSync(folder.requests)) yield* createReadStream(folder.requests, { highWaterMark: 1 << 20 });
}

/** Writes the four files that are made from a result. */
export function writeReports(folder: RunFolder, result: RunResult): void {
  writeWhole(folder.result, serializeResult(result));
  writeWhole(folder.html, renderHtml(result, OBJECTIVES));
  writeWhole(folder.junit, renderJunit(result, OBJECTIVES));
  writeWhole(folder.summary, renderMarkdown(result, OBJECTIVES));
}
