import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FaultlineError, messageOf } from '../model/errors.ts';
import { EXIT } from '../model/exit.ts';
import { openFaults } from '../store/journal-clusters.ts';
import { readJournal } from '../store/journal-file.ts';
import { type RunFolder, runFolder } from '../store/run-folder.ts';
import type { FoundRuns, Unreadable } from '../trend/gate/gate.ts';
import { readRun } from '../trend/read-result.ts';
import type { RecordedRun } from '../trend/recorded-run.ts';

/**
 * Reads the recorded runs below folders, however deep, and those of files that are named. Symbolic links below are not
 * followed, so that `latest` is no run of its own. Whatever looks like a run and cannot be read is told with its path. Throws
 * FILE_UNREADABLE for a path that is not there, and RUN_FOLDER where there is no run at all.
 */
export function findRuns(paths: readonly string[]): FoundRuns {
  const runs = new Map<string, RecordedRun>();
  const unreadable: Unreadable[] = [];
  const repeated: string[] = [];
  for (const found of paths.flatMap(resultFiles)) {
    const read = 'problem' in found ? found : readFile(found.path);
    if ('problem' in read) {
      unreadable.push({ path: found.path, problem: read.problem });
      continue;
    }
    const known = runs.get(read.run.runId);
    if (known === undefined) runs.set(read.run.runId, read.run);
    else if (isSame(known, read.run)) repeated.push(found.path);
    else unreadable.push({ path: found.path, problem: `another result of the run ${known.runId} than ${known.path}` });
  }
  if (runs.size + unreadable.length === 0) {
    throw new FaultlineError('RUN_FOLDER', `${paths.join(', ')}: no run found`, {
      hint: 'Name the folder of run folders, for example reports, or files result.json',
    });
  }
  const all = [...runs.values()].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  return { runs: all, unreadable, repeated, leftBehind: all.filter(isLeftBehind).map(({ path }) => path) };
}

const orderOf = ({ startedAt, runId }: RecordedRun): string => `${startedAt} ${runId}`;

function isSame(a: RecordedRun, b: RecordedRun): boolean {
  return JSON.stringify({ ...a, path: '' }) === JSON.stringify({ ...b, path: '' });
}

function readFile(path: string): ReturnType<typeof readRun> {
  try {
    return readRun(readFileSync(path, 'utf8'), path);
  } catch (error) {
    return { problem: `cannot be read: ${messageOf(error)}` };
  }
}

/** Whether what the run has left may still be there: a recovery closes its journal. */
function isLeftBehind({ exitCode, path }: RecordedRun): boolean {
  if (exitCode !== EXIT.undoIncomplete) return false;
  try {
    const { entries, isTorn } = readJournal(runFolder(dirname(path)).journal);
    return isTorn || openFaults(entries).length > 0;
  } catch {
    return true;
  }
}

type Found = { readonly path: string } | Unreadable;

function resultFiles(path: string): Found[] {
  try {
    return statSync(path).isDirectory() ? below(path) : [{ path }];
  } catch (cause) {
    throw new FaultlineError('FILE_UNREADABLE', `${path}: ${messageOf(cause)}`, { cause });
  }
}

function below(path: string): Found[] {
  const folder = runFolder(path);
  const own: Found[] = existsSync(folder.result) ? [{ path: folder.result }] : unfinished(folder);
  return [...own, ...entriesOf(path)];
}

function unfinished(folder: RunFolder): Found[] {
  const isRun = existsSync(folder.history) || existsSync(folder.journal);
  return isRun ? [{ path: folder.path, problem: 'a run without result.json: faultline analyze makes it' }] : [];
}

function entriesOf(path: string): Found[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    return entries.flatMap((entry) => {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) return below(inner);
      return entry.isFile() && /\.zip$/i.test(entry.name)
        ? [{ path: inner, problem: 'an archive: unpack it first' }]
        : [];
    });
  } catch (error) {
    return [{ path, problem: `cannot be read: ${messageOf(error)}` }];
  }
}
