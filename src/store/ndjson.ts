import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Lines } from '../model/lines.ts';

/** An append-only file of JSON lines. */
type LineFile = {
  /** Writes one line; with `durable` it is on the disk when the call returns. Throws when the disk refuses or it is closed. */
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
      const bytes = Buffer.from(`${text}\n`);
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      if (durable) fsyncSync(fd);
    },
    close: () => {
      if (open !== undefined) closeSync(open);
      open = undefined;
    },
  };
}

/** The complete lines of a file; a last line without its newline was torn by a crash and is left out. */
export function readLines(path: string): string[] {
  return new Lines().push(readFileSync(path)).filter((line) => line.length > 0);
}
