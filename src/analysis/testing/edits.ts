import type { TransportError } from '../../model/record.ts';
import type { Raw } from './record-file.ts';

/** Picks requests. */
export type Pick = (record: Raw) => boolean;

const SECOND = 1e6;

/** Requests of one path (by its index) that are due in a stretch, in seconds. */
export const due =
  (path: number, from: number, to: number): Pick =>
  (record) =>
    record.path === path && record.due >= from * SECOND && record.due < to * SECOND;

/** Changes the requests that `is` picks. */
export function edit(records: readonly Raw[], is: Pick, change: (record: Raw) => Raw): Raw[] {
  return records.map((record) => (is(record) ? change(record) : record));
}

/** Answered at once with another status. */
export function failed(record: Raw): Raw {
  return { ...record, ended: 'response', status: 503, error: undefined, end: record.start + 3000 };
}

/** Every request of a path fails at once in a stretch, in seconds. */
export const down =
  (path: number, from: number, to: number) =>
  (all: readonly Raw[]): Raw[] =>
    edit(all, due(path, from, to), failed);

/** Ended at once by an error of the connection, or of the generator. */
export function broken(record: Raw, error: TransportError): Raw {
  return { ...record, ended: 'error', status: 0, error, chain: undefined, end: record.start + 3000 };
}

/** Given up after `after` microseconds, counted from the due time. */
export function timedOut(record: Raw, after = 2e6): Raw {
  return { ...broken(record, 'timeout'), end: record.due + after };
}

/** Due and never sent. */
export function dropped(record: Raw): Raw {
  const nothing = { ended: 'dropped', status: 0, error: undefined, chain: undefined } as const;
  return { ...record, ...nothing, start: record.due, end: record.due };
}

/** Sent late, by as much as a generator that stood still until `until` (seconds) makes it. */
export function held(record: Raw, until: number): Raw {
  const late = Math.max(0, until * SECOND - record.start);
  return { ...record, start: record.start + late, end: record.end + late };
}

/** Takes requests away and numbers the others without a hole, as a generator does that believes nothing was due. */
export function neverDue(records: readonly Raw[], is: Pick): Raw[] {
  const left = records.filter((record) => !is(record));
  const numbers = new Map<Raw, number>();
  const next = new Map<number, number>();
  for (const record of left.toSorted((a, b) => a.seq - b.seq)) {
    const seq = next.get(record.path) ?? 0;
    numbers.set(record, seq);
    next.set(record.path, seq + 1);
  }
  return left.map((record) => ({ ...record, seq: numbers.get(record) ?? 0 }));
}
