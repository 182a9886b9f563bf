import type { ServerResponse } from 'node:http';
import { expired } from '../api/errors.ts';

/** `drop` cuts the connection, `expire` sends the 410 that ends a watch, `stall` keeps it open and silent. */
export type WatchFault = 'drop' | 'expire' | 'stall';

/** Stands between a watch and its client; each line that is written is an event. */
export class FaultyWatch {
  readonly #response: ServerResponse;
  readonly #write: (line: string) => boolean;
  readonly #end: () => ServerResponse;
  readonly #faultAt: (delivered: number) => WatchFault | undefined;
  #delivered = 0;
  #silent = false;

  /** `faultAt` is asked before each event, with how many were delivered. */
  constructor(response: ServerResponse, faultAt: (delivered: number) => WatchFault | undefined) {
    this.#response = response;
    this.#faultAt = faultAt;
    this.#write = response.write.bind(response);
    this.#end = response.end.bind(response);
    response.write = (line: unknown) => this.#pass(String(line));
    response.end = (last?: unknown) => this.#finish(last);
  }

  fail(fault: WatchFault): void {
    if (this.#silent) return;
    this.#silent = true;
    if (fault === 'drop') this.#response.destroy();
    if (fault !== 'expire') return;
    const { status } = expired('too old resource version: 0');
    this.#write(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    this.#end();
  }

  #pass(line: string): boolean {
    if (this.#silent) return true;
    const fault = this.#faultAt(this.#delivered);
    if (fault !== undefined) {
      this.fail(fault);
      return true;
    }
    this.#delivered += 1;
    return this.#write(line);
  }

  /** An error in place of the watch comes with its end. */
  #finish(last: unknown): ServerResponse {
    if (this.#silent) return this.#response;
    if (last !== undefined) this.#write(last as string);
    return this.#end();
  }
}
