import { due, edit, failed } from './edits.ts';
import type { Raw } from './record-file.ts';

/** Every `nth` request of a path in a stretch is bad: strays that hang together in no way. */
export const every = (nth: number, path: number, from: number, to: number) => (all: Raw[]) =>
  edit(all, (record) => due(path, from, to)(record) && record.seq % nth === 2, failed);
/** The first `n` requests of a path from a time on. */
export const burst = (n: number, path: number, from: number) => (all: Raw[]) =>
  edit(all, due(path, from, from + n / 20), failed);
export const both =
  (...changes: readonly ((all: Raw[]) => Raw[])[]) =>
  (all: Raw[]): Raw[] =>
    changes.reduce((some, change) => change(some), all);
