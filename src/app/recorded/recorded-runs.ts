import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative } from 'node:path';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { shellCommand } from '../../model/shell.ts';
import { type Below, everythingBelow } from '../../store/folder-tree.ts';
import { openFaults } from '../../store/journal-clusters.ts';
import { readJournal } from '../../store/journal-file.ts';
import { hasBegun, type RunFolder, runFolder } from '../../store/run-folder.ts';
import type { FoundRuns, Unreadable } from '../../trend/gate/found.ts';
import { type Keep, parseFile, readRun } from '../../trend/read-result.ts';
import type { RecordedRun } from '../../trend/recorded-run.ts';

/**
 * Reads the recorded runs below folders, however deep, and those of files that are named. Symbolic links below are not
 * followed: what `latest` leads to is found by itself, and a link out of the folder is told. Whatever looks like a run and cannot
 * be read is told with its path. Throws FILE_UNREADABLE for a path that is not there, and RUN_FOLDER where there is no run at all.
 */
export function findRuns<T extends RecordedRun>(paths: readonly string[], keep: Keep<T>): FoundRuns<T> {
  const runs = new Map<string, T>();
  const unreadable: Unreadable[] = [];
  const repeated: string[] = [];
  for (const found of paths.flatMap(resultFiles)) {
    const read = 'problem' in found ? found : readFile(found.path, keep);
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

function readFile<T>(path: string, keep: Keep<T>): { run: T } | { problem: string } {
  try {
    if (!statSync(path).isFile()) return { problem: 'no regular file' };
    const parsed = parseFile(readFileSync(path, 'utf8'));
    return 'problem' in parsed ? parsed : readRun(parsed.json, path, keep);
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
  if (!isFolder(path)) return [{ path }];
  const root = realpathSync(path);
  return [...everythingBelow(path)].flatMap((one) => foundAt(one, root));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw new FaultlineError('FILE_UNREADABLE', `${path}: ${messageOf(cause)}`, { cause });
  }
}

function foundAt(below: Below, root: string): Found[] {
  const { path, is } = below;
  // What a run has put beside its own files is none, such as the data of its script.
  if (is !== 'unread' && below.of !== undefined) return [];
  if (is === 'link') return linked(path, root);
  if (is === 'file') return /\.zip$/i.test(path) ? [{ path, problem: 'an archive: unpack it first' }] : [];
  const folder = runFolder(path);
  const whole: Found[] = existsSync(folder.result) ? [{ path: folder.result }] : [];
  if (is === 'unread') return [...whole, { path, problem: `cannot be read: ${messageOf(below.error)}` }];
  return whole.length > 0 ? whole : unfinished(folder);
}

function unfinished(folder: RunFolder): Found[] {
  if (!hasBegun(folder)) return [];
  const analyze = shellCommand(['faultline', 'analyze', folder.path]);
  return [{ path: folder.path, problem: `a run without result.json, which makes it: ${analyze}` }];
}

/** A link to a folder within the one that is looked through leads to nothing new; one that leads nowhere has no run. */
function linked(path: string, root: string): Found[] {
  try {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
    const way = relative(root, realpathSync(path));
    const isOutside = way.startsWith('..') || isAbsolute(way);
    return isOutside ? [{ path, problem: 'a symbolic link out of the folder: name its target as well' }] : [];
  } catch (error) {
    return [{ path, problem: `cannot be read: ${messageOf(error)}` }];
  }
}
