import { type Dirent, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FaultlineError } from '../model/errors.ts';

type Entry = { readonly path: string; readonly is: 'folder' | 'file' | 'link' };

/** What lies in a folder, or somewhere below it. */
export type Below =
  | Entry
  /** A folder into which nobody can look. */
  | { readonly path: string; readonly is: 'unread'; readonly error: unknown };

/** A folder of runs has no more of others in it: somebody has named a disk. */
const MOST_FOLDERS = 20_000;

/** Where programs keep their own. */
const NEVER: readonly string[] = ['node_modules', '.git'];

/** The name of a run folder. */
const RUN_ID = /^\d{8}t\d{6}z-[a-z0-9]{4,}$/;

export const isRunId = (name: string): boolean => RUN_ID.test(name);

/**
 * The one listing of run folders: a folder and all that is below it, however deep, each folder before what is in it, in the order
 * of the names. Links are not followed, and run folders have no others in them. Throws RUN_FOLDER where more folders than `most` are below it.
 */
export function* everythingBelow(root: string, most = MOST_FOLDERS): Generator<Below> {
  const next: Entry[] = [{ path: root, is: 'folder' }];
  let looked = 0;
  for (let entry = next.pop(); entry !== undefined; entry = next.pop()) {
    const { below, inside } = entry.is === 'folder' ? lookInto(entry.path) : { below: entry, inside: [] };
    yield below;
    const isRun = entry.path !== root && isRunId(basename(entry.path));
    next.push(...inside.filter(({ is }) => !(isRun && is === 'folder')).reverse());
    if (entry.is === 'folder' && !isRun && ++looked > most) throw tooMuch(root, most);
  }
}

function lookInto(path: string): { readonly below: Below; readonly inside: readonly Entry[] } {
  try {
    const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => !NEVER.includes(name));
    const inside = entries.map((entry) => ({ path: join(path, entry.name), is: kindOf(entry) }));
    return { below: { path, is: 'folder' }, inside: inside.sort((a, b) => (a.path < b.path ? -1 : 1)) };
  } catch (error) {
    return { below: { path, is: 'unread', error }, inside: [] };
  }
}

function kindOf(entry: Dirent): Entry['is'] {
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'file';
}

function tooMuch(root: string, most: number): FaultlineError {
  return new FaultlineError('RUN_FOLDER', `${root}: more than ${most} folders are below it`, {
    hint: 'Name the folder in which the run folders are',
  });
}
