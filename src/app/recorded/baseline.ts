import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FaultlineError } from '../../model/errors.ts';
import { writeWhole } from '../../store/run-folder.ts';
import { baselineRuns, isBaseline, serializeBaseline } from '../../trend/compare/baseline.ts';
import { type DetailedRun, detailedRun } from '../../trend/compare/detail.ts';
import { parseFile } from '../../trend/read-result.ts';
import { readText } from '../files/load-files.ts';
import { findRuns } from './recorded-runs.ts';

/**
 * The runs of one side of a comparison: those of a baseline file, or recorded ones. Nothing that cannot be read is left out:
 * it throws RUN_FOLDER, because a comparison without it would be another one.
 */
export function runsToCompare(path: string): readonly DetailedRun[] {
  const kept = keptRuns(path);
  if (kept !== undefined) return kept;
  const { runs, unreadable } = findRuns([path], detailedRun);
  const [first] = unreadable;
  if (first === undefined) return runs;
  const more = unreadable.length > 1 ? `, and ${unreadable.length - 1} more` : '';
  throw new FaultlineError('RUN_FOLDER', `${first.path}: ${first.problem}${more}`, {
    hint: 'Name the runs that are to be compared, or mend these.',
  });
}

/** The runs of a baseline file; undefined for everything else. Throws RUN_FOLDER for one that is not whole. */
export function keptRuns(path: string): readonly DetailedRun[] | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const parsed = parseFile(readText(path));
  if ('problem' in parsed || !isBaseline(parsed.json)) return undefined;
  const runs = baselineRuns(parsed.json);
  if (runs !== undefined) return runs;
  throw new FaultlineError('RUN_FOLDER', `${path}: a baseline of another version, or not whole`, {
    hint: 'Make it anew: faultline compare --save-baseline FILE RUN',
  });
}

/** Writes a baseline file, whole or not at all. */
export function saveBaseline(path: string, runs: readonly DetailedRun[]): void {
  if (!statSync(dirname(resolve(path)), { throwIfNoEntry: false })?.isDirectory()) {
    throw new FaultlineError('FILE_UNREADABLE', `${dirname(path)}: no such folder`, { hint: 'Make it first.' });
  }
  writeWhole(path, serializeBaseline(runs));
}
