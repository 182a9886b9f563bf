import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { FaultlineError, messageOf } from '../model/errors.ts';
import type { Journal, JournalEntry } from '../model/journal.ts';
import { SCAN_COMMAND } from '../model/recover-command.ts';
import { visibleJson } from '../model/visible.ts';
import { cutTorn, endsTorn, openLineFile, readLines, syncFolder, unwritableText } from './ndjson.ts';

/**
 * Format version of a journal line: `{"v":1,"crc":<CRC-32 of the entry's JSON>,"entry":{…}}`. The sum is of the JSON as it is
 * before characters that nobody sees are written by their numbers.
 */
const VERSION = 1;

type OpenJournal = Journal & { close(): void };

/**
 * Begins the write-ahead journal of a run. It is there with its first entry or not at all: an empty one would not tell
 * which clusters to ask. Throws JOURNAL.
 */
export function createJournal(path: string, opened: Extract<JournalEntry, { state: 'opened' }>): OpenJournal {
  const next = `${path}.tmp`;
  orJournal(path, () => {
    try {
      const file = openLineFile(next);
      file.append(encode(opened), true);
      file.close();
      renameSync(next, path);
    } catch (error) {
      rmSync(next, { force: true });
      throw error;
    }
    syncFolder(dirname(path));
  });
  return openJournal(path);
}

/**
 * Opens a journal to go on with it; a line that was cut off goes away, or the next one would stand on its remains. Every
 * entry is fsynced before `append` returns. Throws JOURNAL.
 */
export function openJournal(path: string): OpenJournal {
  const file = orJournal(path, () => {
    cutTorn(path);
    return openLineFile(path);
  });
  return {
    append: (entry) => orJournal(path, () => file.append(encode(entry), true)),
    close: () => file.close(),
  };
}

function orJournal<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new FaultlineError('JOURNAL', unwritableText(path, messageOf(error)), {
      hint: 'Nothing is injected without a journal. Free disk space or choose another --out.',
      cause: error,
    });
  }
}

function encode(entry: JournalEntry): string {
  const text = JSON.stringify(entry);
  return `{"v":${VERSION},"crc":${crc32(text)},"entry":${visibleJson(text)}}`;
}

/** What a journal still says. */
type JournalRead = {
  readonly entries: readonly JournalEntry[];
  /** The last line has no end: a crash has cut it off, or somebody. What stood there is not known. */
  readonly isTorn: boolean;
};

/**
 * Reads a journal. Throws JOURNAL with the line where one does not check out, because a journal that is wrong in the
 * middle cannot be trusted to be complete, and where too little is left to know which clusters its run was about: that
 * is no journal of a run that did nothing.
 */
export function readJournal(path: string): JournalRead {
  const { lines, isTorn } = tryRead(path);
  const entries = lines.map((line, index) => decode(line, `${path}:${index + 1}`));
  const [first] = entries;
  if (first === undefined) throw lost(path, isTorn ? 'its first line is torn off' : 'it is empty');
  if (isTorn && first.state !== 'opened') throw lost(path, 'its end is torn off');
  requireOwn(entries, path);
  return { entries, isTorn };
}

/** Throws where a line is of a run that was never opened in it: what another run has ended says nothing of this one's faults. */
function requireOwn(entries: readonly JournalEntry[], path: string): void {
  let run: string | undefined;
  for (const [index, entry] of entries.entries()) {
    if (!('runId' in entry)) continue;
    if (entry.state === 'opened' || run === undefined) run = entry.runId;
    else if (entry.runId !== run)
      throw damaged(`${path}:${index + 1}`, `the line is of run ${entry.runId}, and those before it of run ${run}`);
  }
}

/** The run whose journal it is, by its first line; undefined where that cannot be read. */
export function journalledRun(path: string): string | undefined {
  try {
    const [first = ''] = readLines(path);
    const entry = decode(first, path);
    return 'runId' in entry ? entry.runId : undefined;
  } catch {
    return undefined;
  }
}

function tryRead(path: string): { lines: string[]; isTorn: boolean } {
  try {
    return { lines: readLines(path), isTorn: endsTorn(path) };
  } catch (error) {
    throw lost(path, `it cannot be read (${messageOf(error)})`);
  }
}

/** Nobody knows then what its run has touched: only the clusters do. */
function lost(path: string, why: string): FaultlineError {
  return new FaultlineError('JOURNAL', `${path}: ${why}: nobody knows what that run has touched`, {
    hint: `Ask the clusters, and delete the run folder if nothing is left there: ${SCAN_COMMAND}`,
  });
}

function decode(line: string, where: string): JournalEntry {
  try {
    const parsed = JSON.parse(line) as { v: number; crc: number; entry: JournalEntry };
    if (parsed.v === VERSION && crc32(JSON.stringify(parsed.entry)) === parsed.crc) return parsed.entry;
  } catch {
    // Falls through to the one error that names the line.
  }
  throw damaged(where, 'the line is damaged');
}

function damaged(where: string, what: string): FaultlineError {
  return new FaultlineError('JOURNAL', `${where}: ${what}`, {
    hint: `Undo from the clusters instead, and delete the run folder when nothing is left there: ${SCAN_COMMAND}`,
  });
}
