import { appendFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const FILE = 'k6.log';
/** Characters that are kept; a script that writes a line for each request would fill the disk. */
const LIMIT = 1_048_576;

/** What a script and k6 have said besides the requests, kept beside the records for those who look for a mistake. */
export class Words {
  readonly #file: string;
  #text = '';
  #left = LIMIT;

  /** `records` is the record file. */
  constructor(records: string) {
    this.#file = join(dirname(records), FILE);
  }

  add(line: string): void {
    if (this.#left <= 0) return;
    this.#left -= line.length + 1;
    this.#text += this.#left > 0 ? `${line}\n` : 'what came after this was not kept\n';
  }

  /** Writes what was said since the last time; no file where nothing was, or where none can be written. */
  async save(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    // A run is none the worse for it.
    if (text !== '') await appendFile(this.#file, text).catch(() => undefined);
  }
}
