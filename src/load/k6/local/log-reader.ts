import { open } from 'node:fs/promises';
import { Lines } from '../../../model/lines.ts';

const CHUNK = 1_048_576;

/** Reads a file that grows, line by line. Unlike a pipe, a file never makes the one who writes wait for us. */
export class LogReader {
  readonly #path: string;
  readonly #onLine: (line: string) => void;
  readonly #lines = new Lines();
  #at = 0;
  #reading: Promise<void> | undefined;

  constructor(path: string, onLine: (line: string) => void) {
    this.#path = path;
    this.#onLine = onLine;
  }

  /** Reads what has come since the last time; one reading at a time. A file that is not there yet is empty. */
  read(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const file = await open(this.#path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (file === undefined) return;
    try {
      const chunk = Buffer.allocUnsafe(CHUNK);
      for (;;) {
        const { bytesRead } = await file.read(chunk, 0, CHUNK, this.#at);
        if (bytesRead === 0) return;
        this.#at += bytesRead;
        this.#lines.push(chunk.subarray(0, bytesRead)).forEach(this.#onLine);
      }
    } finally {
      await file.close();
    }
  }
}
