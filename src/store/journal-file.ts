import { crc32 } from 'node:zlib';
import { FaultlineError, messageOf } from '../model/errors.ts';
import type { FaultPlan } from '../model/fault.ts';
import type { Journal, JournalCluster, JournalEntry } from '../model/journal.ts';
import { openLineFile, readLines } from './ndjson.ts';

/** Format version of a journal line: `{"v":1,"crc":<CRC-32 of the entry's JSON>,"entry":{…}}`. */
const VERSION = 1;

/** Opens the write-ahead journal of a run. Every entry is fsynced before `append` returns. Throws JOURNAL. */
export function openJournal(path: string): Journal & { close(): void } {
  const wrap = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw new FaultlineError('JOURNAL', `${path}: cannot be written: ${messageOf(error)}`, {
        hint: 'Nothing is injected without a journal. Free disk space or choose another --out.',
        cause: error,
      });
    }
  };
  const file = wrap(() => openLineFile(path));
  return {
    append: (entry) => wrap(() => file.append(encode(entry), true)),
    close: () => file.close(),
  };
}

function encode(entry: JournalEntry): string {
  const text = JSON.stringify(entry);
  return `{"v":${VERSION},"crc":${crc32(text)},"entry":${text}}`;
}

/**
 * Reads a journal. A torn last line is dropped: what it announced had not begun. Anything else that does not check out
 * throws JOURNAL with the line, because a journal that is wrong in the middle cannot be trusted to be complete.
 */
export function readJournal(path: string): JournalEntry[] {
  return readLines(path).map((line, index) => decode(line, `${path}:${index + 1}`));
}

function decode(line: string, where: string): JournalEntry {
  try {
    const parsed = JSON.parse(line) as { v: number; crc: number; entry: JournalEntry };
    if (parsed.v === VERSION && crc32(JSON.stringify(parsed.entry)) === parsed.crc) return parsed.entry;
  } catch {
    // Falls through to the one error that names the line.
  }
  throw new FaultlineError('JOURNAL', `${where}: the line is damaged`, {
    hint: 'Undo from the clusters instead: faultline recover --scan --target <targets file>',
  });
}

type Intent = Extract<JournalEntry, { state: 'intent' }>;

/** The faults that a journal has opened and not closed as undone, in the order of their injection. */
export function openFaults(entries: readonly JournalEntry[]): Intent[] {
  const open = new Map<string, Intent>();
  for (const entry of entries) {
    if (entry.state === 'intent') open.set(entry.plan.fault, entry);
    else if (entry.state === 'closed' && entry.outcome.state === 'undone') open.delete(entry.fault);
  }
  return [...open.values()];
}

/** A cluster that a run has touched, or was about to. */
export type JournalledCluster = {
  readonly runId: string;
  readonly where: JournalCluster;
  /** Faults that are not known to be undone, in the order of their injection. */
  readonly open: readonly FaultPlan[];
  /** Every fault that was ever begun there, in that order. */
  readonly begun: readonly FaultPlan[];
  /** The run has seen that nothing was left there to undo. */
  readonly released: boolean;
};

/** Every cluster that a journal names, in the order of their first mention. */
export function journalledClusters(entries: readonly JournalEntry[]): JournalledCluster[] {
  const found = new Map<string, Omit<JournalledCluster, 'open' | 'begun'>>();
  for (const entry of entries) {
    if (entry.state === 'announced' || entry.state === 'intent') {
      found.set(entry.cluster.name, { runId: entry.runId, where: entry.cluster, released: false });
    } else if (entry.state === 'released') {
      const known = found.get(entry.cluster);
      if (known !== undefined) found.set(entry.cluster, { ...known, released: true });
    }
  }
  const begun = entries.filter((entry) => entry.state === 'intent');
  const open = openFaults(entries);
  return [...found.values()].map((cluster) => {
    const plansOf = (intents: readonly Intent[]): FaultPlan[] =>
      intents.filter((intent) => intent.cluster.name === cluster.where.name).map(({ plan }) => plan);
    const own = plansOf(open);
    return { ...cluster, open: own, begun: plansOf(begun), released: cluster.released && own.length === 0 };
  });
}
