import { type Dirent, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FaultlineError } from '../model/errors.ts';

type Entry = {
  readonly path: string;
  readonly is: 'folder' | 'file' | 'link';
  /** The run folder in which its folder is, which is no run folder itself: what a run has put beside its own files. */
  readonly of: string | undefined;
};

/** What lies in a folder, or somewhere below it. */
export type Below =
  | Entry
  /** A folder into which nobody can look. */
  | { readonly path: string; readonly is: 'unread'; readonly error: unknown };

/** A folder of runs has no more of others in it: somebody has named a disk. */
const MOST_FOLDERS = 20_000;

/** Where programs keep their own. */
const NEVER: readonly string[] = ['node_modules', '.git'];

/** Files that only a run folder has, whatever its name is. */
export const JOURNAL_FILE = 'journal.ndjson';
export const HISTORY_FILE = 'history.ndjson';

/** The name that a run folder is made with. */
const RUN_ID = /\d{8}t\d{6}z-[a-z0-9]{4,}/;
const WHOLE_ID = new RegExp(`^${RUN_ID.source}$`);
const ID_WITHIN = new RegExp(`(?<![a-z0-9])${RUN_ID.source}(?![a-z0-9])`);

/** The id of a run in the name of a folder, which may have something before or behind it, as that of a copy. */
export const runIdIn = (name: string): string | undefined => ID_WITHIN.exec(name)?.[0];

/**
 * The one listing of run folders: a folder and all that is below it, however deep, also below run folders, each folder before what
 * is in it, in the order of the names. Links are not followed. Throws RUN_FOLDER where more folders than `most` are below it, those of
 * runs and what lies right in them not counted.
 */
export function* everythingBelow(root: string, most = MOST_FOLDERS): Generator<Below> {
  const next: Entry[] = [{ path: root, is: 'folder', of: undefined }];
  let looked = 0;
  for (let entry = next.pop(); entry !== undefined; entry = next.pop()) {
    if (entry.is !== 'folder') {
      yield entry;
      continue;
    }
    const { below, inside, isRun } = lookInto(entry);
    yield below;
    next.push(...inside.reverse());
    if (!isRun && (entry.of === undefined || dirname(entry.path) !== entry.of) && ++looked > most)
      throw tooMuch(root, most);
  }
}

type Inside = { readonly below: Below; readonly inside: Entry[]; readonly isRun: boolean };

function lookInto(folder: Entry): Inside {
  const { path } = folder;
  try {
    const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => !NEVER.includes(name));
    const isRun =
      WHOLE_ID.test(basename(path)) || entries.some(({ name }) => name === JOURNAL_FILE || name === HISTORY_FILE);
    const inside = entries.map((entry): Entry => {
      const is = kindOf(entry);
      const own = is === 'folder' ? path : undefined;
      return { path: join(path, entry.name), is, of: isRun ? own : folder.of };
    });
    const below: Entry = isRun ? { ...folder, of: undefined } : folder;
    return { below, inside: inside.sort((a, b) => (a.path < b.path ? -1 : 1)), isRun };
  } catch (error) {
    return { below: { path, is: 'unread', error }, inside: [], isRun: false };
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
