import { appendFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hideCredentials } from '../../../model/credentials.ts';
import { type Redact, redactor } from '../../../model/redact.ts';

const FILE = 'k6.log';
/** Characters that are kept; a script that writes a line for each request would fill the disk. */
const LIMIT = 1_048_576;

/** What a script and k6 have said besides the requests, kept beside the records for those who look for a mistake. */
export class ScriptLog {
  readonly #file: string;
  #text = '';
  #left = LIMIT;
  readonly #redact: Redact;

  /** `records` is the record file; `hidden` are texts that the log may not hold. */
  constructor(records: string, hidden?: readonly string[]) {
    this.#file = join(dirname(records), FILE);
    this.#redact = redactor(hidden);
  }

  add(line: string): void {
    if (this.#left <= 0) return;
    this.#left -= line.length + 1;
    this.#text += this.#left > 0 ? `${hideCredentials(this.#redact(line))}\n` : 'what came after this was not kept\n';
  }

  /** Writes what was said since the last time; no file where nothing was, or where none can be written. */
  async save(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    // A run is none the worse for it.
    if (text !== '') await appendFile(this.#file, text).catch(() => undefined);
  }
}
