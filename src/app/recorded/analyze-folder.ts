import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { analyze } from '../../analysis/index.ts';
import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { HistoryEvent } from '../../model/history.ts';
import type { RunResult } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import { renderHtml, renderJunit, renderMarkdown, serializeResult } from '../../report/index.ts';
import { readHistory } from '../../store/history-file.ts';
import { type RunFolder, writeWhole } from '../../store/run-folder.ts';
import { asOf } from './as-of.ts';

type Part = {
  /** Judged is the run as far as this moment, where it goes on. */
  readonly until?: Micros;
  /** Events that the folder had no room for. */
  readonly unwritten?: readonly HistoryEvent[];
};

/** Judges what a run folder holds. Throws RUN_FOLDER when it holds no history. */
export async function analyzeFolder(
  folder: RunFolder,
  { until = Number.POSITIVE_INFINITY, unwritten = [] }: Part = {},
): Promise<RunResult> {
  if (!existsSync(folder.history)) {
    throw new FaultlineError('RUN_FOLDER', `${folder.path}: no history.ndjson`, {
      hint: 'Name the folder of a run, for example reports/latest',
    });
  }
  return analyze(asOf([...readHistory(folder.history), ...unwritten], until), recordsOf(folder));
}

/** Large enough that a call costs nothing beside its bytes, small enough to stay in the processor's cache. */
const CHUNK = 1 << 19;

/** The bytes of the record file, each chunk in the memory of the one before it. */
async function* recordsOf({ requests }: RunFolder): AsyncGenerator<Uint8Array> {
  if (!existsSync(requests)) return;
  await using file = await open(requests);
  const chunk = new Uint8Array(CHUNK);
  for (;;) {
    const { bytesRead } = await file.read(chunk);
    if (bytesRead === 0) return;
    yield chunk.subarray(0, bytesRead);
  }
}

/** Why the files that are made from a result could not be written; undefined when they are. */
export function reportProblem(folder: RunFolder, result: RunResult): string | undefined {
  try {
    writeReports(folder, result);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Writes the four files that are made from a result. Throws RUN_FOLDER. */
export function writeReports(folder: RunFolder, result: RunResult): void {
  writeWhole(folder.result, serializeResult(result));
  writeWhole(folder.html, renderHtml(result, OBJECTIVES));
  writeWhole(folder.junit, renderJunit(result, OBJECTIVES));
  writeWhole(folder.summary, renderMarkdown(result, OBJECTIVES));
}
