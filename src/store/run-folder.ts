import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { FaultlineError, messageOf } from '../model/errors.ts';
import { EXIT } from '../model/exit.ts';
import { SCAN_COMMAND } from '../model/recover-command.ts';
import { type Below, everythingBelow, HISTORY_FILE, JOURNAL_FILE, runIdIn } from './folder-tree.ts';
import { unwritableText } from './ndjson.ts';

/** The files of one run. */
export type RunFolder = {
  readonly path: string;
  readonly history: string;
  readonly requests: string;
  readonly journal: string;
  readonly result: string;
  readonly html: string;
  readonly junit: string;
  readonly summary: string;
};

/** Names the files of a run folder; nothing is created. */
export function runFolder(path: string): RunFolder {
  const at = (name: string) => join(path, name);
  return {
    path: resolve(path),
    history: at(HISTORY_FILE),
    requests: at('requests.ndjson'),
    journal: at(JOURNAL_FILE),
    result: at('result.json'),
    html: at('report.html'),
    junit: at('junit.xml'),
    summary: at('summary.md'),
  };
}

/** Creates the folder of a new run. Throws RUN_FOLDER when that is not possible. */
export function createRunFolder(out: string, runId: string): RunFolder {
  const path = resolve(out, runId);
  orRefused(path, () => {
    makeFolders(resolve(out));
    mkdirSync(path, { mode: 0o700 });
  });
  return runFolder(path);
}

/** Points `latest` at the folder of a run that has begun. Throws RUN_FOLDER when that is not possible. */
export function pointLatest({ path }: RunFolder): void {
  orRefused(path, () => point(dirname(path), 'latest', basename(path)));
}

function orRefused(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new FaultlineError('RUN_FOLDER', `${path}: cannot be created: ${messageOf(error)}`, {
      hint: 'Name a folder that can be written: --out DIR',
      cause: error,
    });
  }
}

/** Takes away the folder of a run that has not begun, as far as that is possible. */
export function removeRunFolder({ path }: RunFolder): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Nobody takes it for a run: `hasBegun`.
  }
}

/**
 * Whether a run may have written anything outside of its folder. None has without a journal, which is there before its history has
 * an event: where there is neither, it has ended before; with a history alone somebody has taken its journal away. Where nobody
 * can look, as into the folder of another user, it may have.
 */
export function hasBegun({ journal, history }: RunFolder): boolean {
  try {
    return existsSync(journal) || (statSync(history, { throwIfNoEntry: false })?.size ?? 0) > 0;
  } catch {
    return true;
  }
}

/** Makes a folder and those above it, one level after the other: Node's own recursive mkdir never returns below /proc. */
export function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  mkdirSync(path);
}

function point(out: string, link: string, name: string): void {
  const next = resolve(out, `.latest-${name}`);
  symlinkSync(name, next);
  try {
    renameSync(next, resolve(out, link));
  } catch (error) {
    removeLeft(next);
    throw error;
  }
}

/** Creates the folder for what several runs have in common, and points `latest-runs` at it; returns its path. */
export function createRunsFolder(out: string, id: string): string {
  const name = `runs-${id}`;
  const path = join(out, name);
  makeFolders(resolve(path));
  point(out, 'latest-runs', name);
  return path;
}

/** What was asked for could not be written: its command is over without it, whatever else it has found. */
class Unwritten extends FaultlineError {
  readonly exitCode = EXIT.internal;
  constructor(path: string, cause: unknown) {
    const hint = 'Check that its folder exists, may be written and has room.';
    super('RUN_FOLDER', unwritableText(path, reasonOf(cause)), { hint, cause });
  }
}

/** Writes a whole file or nothing: a reader never sees half of it. */
export function writeWhole(path: string, text: string): void {
  const next = `${path}.tmp`;
  try {
    writeFileSync(next, text, { mode: 0o600 });
    renameSync(next, path);
  } catch (error) {
    removeLeft(next);
    throw new Unwritten(path, error);
  }
}

/** Where not even that is possible, nothing of it was written. */
function removeLeft(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

/** Without the path of the file that stands in for it while it is written. */
function reasonOf(error: unknown): string {
  return messageOf(error).replace(/, \w+ '[^']*'(?: -> '[^']*')?$/, '');
}

/**
 * The folders of runs that may have begun, `out` itself and those below it, however deep, as in the folder of a matrix or of another run,
 * each once. They are known by what is in them, whatever their names are; the order is that of the names, oldest first where these are
 * run ids. Folders that cannot be read are included, which may be any. Throws RUN_FOLDER where nobody can look.
 */
export function listRunFolders(out: string): RunFolder[] {
  const below = [...everythingBelow(out)];
  const [root] = below;
  if (root?.is === 'unread') return noneIn(out, root.error);
  const order = ({ path }: RunFolder): string => `${basename(path)} ${path}`;
  const found = below.filter(mayBeRun);
  const [links, folders] = [true, false].map((isLink) => found.filter(({ is }) => (is === 'link') === isLink));
  // What lies there comes before what a link leads to.
  const once = new Map([...(links ?? []), ...(folders ?? [])].map(({ path }) => [placeOf(path), runFolder(path)]));
  return [...once.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** Without a journal it is one by its name. A link is no folder to look through, but may lead to a run folder that was put elsewhere. */
function mayBeRun({ path, is }: Below): boolean {
  if (is === 'unread') return true;
  const folder = runFolder(path);
  if (is === 'file') return false;
  if (existsSync(folder.journal)) return true;
  return [path, placeOf(path)].some(namesRun) && mayBeFolder(path) && hasBegun(folder);
}

/** Also of a copy, which has something behind it. */
const namesRun = (path: string): boolean => runIdIn(basename(path)) !== undefined;

/** Where a path leads to; itself where nobody can tell. */
function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function mayBeFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return true;
  }
}

/** None where there is no such folder; one that cannot be read may have any. */
function noneIn(out: string, error: unknown): [] {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
  throw new FaultlineError('RUN_FOLDER', `${out}: cannot be read: ${messageOf(error)}`, {
    hint: `Use the account that made the runs, or ask the clusters: ${SCAN_COMMAND}`,
    cause: error,
  });
}

/** A run id that sorts by time and is a valid Kubernetes name and label: `20261122t090000z-7f3c`. */
export function newRunId(wall: Date, random: () => number): string {
  const stamp = wall
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '')
    .toLowerCase();
  const tail = Math.floor(random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return `${stamp}-${tail}`;
}
