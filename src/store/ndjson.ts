import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { Lines } from '../model/lines.ts';

/** An append-only file of JSON lines. */
type LineFile = {
  /**
   * Writes one line; with `durable` it is on the disk when the call returns. Throws when the disk refuses or it is closed; nothing
   * of the line is in the file then.
   */
  append(text: string, durable: boolean): void;
  /** Only the first call does something. */
  close(): void;
};

/** Opens a file for appending, readable by its owner only. */
export function openLineFile(path: string): LineFile {
  let open: number | undefined = openSync(path, 'a', 0o600);
  return {
    append: (text, durable) => {
      // The number may be another file's by now.
      if (open === undefined) throw new Error('it is closed already');
      const fd = open;
      const { size } = fstatSync(fd);
      try {
        const bytes = Buffer.from(`${text}\n`);
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
        if (durable) fsyncSync(fd);
      } catch (error) {
        cut(fd, size);
        throw error;
      }
    },
    close: () => {
      if (open !== undefined) closeSync(open);
      open = undefined;
    },
  };
}

/** Takes back what was written of a line: a disk that is full has room for some of it. */
function cut(fd: number, size: number): void {
  try {
    ftruncateSync(fd, size);
  } catch {
    // Readers know a torn line.
  }
}

/** Why a file cannot be written, by what the system says of it. */
export function unwritableText(path: string, why: string): string {
  return /\b(ENOSPC|EDQUOT)\b/.test(why) ? `disk full: ${path}` : `${path}: cannot be written: ${why}`;
}

/** The complete lines of a file; a last line without its newline was torn by a crash and is left out. */
export function readLines(path: string): string[] {
  return new Lines().push(readFileSync(path)).filter((line) => line.length > 0);
}

const NEWLINE = 0x0a;

/** Whether the last line of a file has no end. */
export function endsTorn(path: string): boolean {
  const bytes = readFileSync(path);
  return bytes.length > 0 && bytes.at(-1) !== NEWLINE;
}

/** Takes away a last line without an end, where there is one. */
export function cutTorn(path: string): void {
  if (!existsSync(path) || !endsTorn(path)) return;
  truncateSync(path, readFileSync(path).lastIndexOf(NEWLINE) + 1);
}

/** Makes the names of a folder durable. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
