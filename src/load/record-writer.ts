import { open } from 'node:fs/promises';
import { FaultlineError, messageOf } from '../model/errors.ts';
import type { Chain, RequestRecord } from '../model/record.ts';
import { encodeChain, encodeHeader, encodePath, encodeRequest, encodeText } from '../model/record-codec.ts';
import { type Redact, redactChain, redactor } from '../model/redact.ts';

/** What the writer needs of a file; node's FileHandle has it. */
export type RecordFile = {
  write(data: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
};

/** Characters that may wait for a slow disk before request lines are given up. */
const BACKLOG_LIMIT = 8_388_608;

/**
 * Opens a record file for a new recording; an empty file that is there already is taken.
 * Rejects with FaultlineError LOAD when it cannot be opened or holds something.
 */
export async function openRecordFile(file: string): Promise<RecordFile> {
  try {
    const handle = await open(file, 'a', 0o600);
    if ((await handle.stat()).size === 0) return handle;
    await handle.close();
  } catch (error) {
    throw new FaultlineError('LOAD', `The record file ${file} cannot be opened: ${messageOf(error)}`, { cause: error });
  }
  throw new FaultlineError('LOAD', `The record file ${file} already holds records; they are never overwritten.`);
}

/**
 * Writes a record file in batches, one write at a time. Request lines wait in memory, at most 8 MiB; what comes on top is
 * counted as lost. Header, path, chain and text lines are never given up, so that what is in the file can always be read.
 */
export class RecordWriter {
  readonly #file: RecordFile;
  readonly #backlogLimit: number;
  #redact: Redact;
  #batch = '';
  #writing: Promise<void> | undefined;
  /** Request lines in #batch. */
  #waiting = 0;
  #lost = 0;
  #failure: unknown;

  constructor(
    file: RecordFile,
    head: { engine: string; paths: readonly string[]; hidden?: readonly string[] | undefined },
    backlogLimit: number = BACKLOG_LIMIT,
  ) {
    this.#file = file;
    this.#backlogLimit = backlogLimit;
    this.#redact = redactor(head.hidden);
    this.#batch = encodeHeader({ format: 'faultline/requests', v: 1, engine: head.engine });
    head.paths.forEach((id, index) => {
      this.#batch += encodePath(index, id);
    });
  }

  /** Request lines that did not reach the file. */
  get lost(): number {
    return this.#lost;
  }

  /** Why nothing can be written any more. */
  get failure(): unknown {
    return this.#failure;
  }

  /** What no line may hold from now on. */
  hide(texts: readonly string[]): void {
    this.#redact = redactor(texts);
  }

  chain(index: number, chain: Chain): void {
    this.#batch += encodeChain(index, redactChain(chain, this.#redact));
  }

  text(index: number, text: string): void {
    this.#batch += encodeText(index, this.#redact(text));
  }

  request(record: RequestRecord): void {
    if (this.#failure !== undefined || this.#batch.length >= this.#backlogLimit) {
      this.#lost += 1;
      return;
    }
    this.#batch += encodeRequest(record);
    this.#waiting += 1;
  }

  /** Hands what waits to the disk, unless a write is on its way already. */
  flush(): void {
    if (this.#writing !== undefined || this.#batch === '' || this.#failure !== undefined) return;
    const lines = this.#waiting;
    const data = Buffer.from(this.#batch);
    this.#batch = '';
    this.#waiting = 0;
    this.#writing = this.#write(data)
      .catch((error: unknown) => {
        this.#failure = error;
        this.#lost += lines + this.#waiting;
        this.#batch = '';
        this.#waiting = 0;
      })
      .finally(() => {
        this.#writing = undefined;
      });
  }

  async #write(data: Uint8Array): Promise<void> {
    let done = 0;
    while (done < data.length) {
      const { bytesWritten } = await this.#file.write(data, done, data.length - done);
      done += bytesWritten;
    }
  }

  /** Writes what is left, syncs and closes. Rejects with FaultlineError LOAD when anything could not be written. */
  async close(): Promise<void> {
    await this.#writing;
    this.flush();
    await this.#writing;
    if (this.#failure === undefined) await this.#file.sync().catch((error: unknown) => this.#fail(error));
    await this.#file.close().catch((error: unknown) => this.#fail(error));
    if (this.#failure === undefined) return;
    throw new FaultlineError('LOAD', `Request records cannot be written: ${messageOf(this.#failure)}`, {
      hint: 'Free the disk or choose another output folder, then run again.',
      cause: this.#failure,
    });
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
  }
}
