import { FaultlineError } from '../model/errors.ts';

/** Longest answer of an API server, decompressed: a page of 500 objects, each as large as etcd takes them. */
export const MOST_API_BYTES = 256 * 1024 * 1024;
/** Longest list in characters, all its pages together: what is parsed of it has to fit into memory. */
export const MOST_LIST_LENGTH = 2 * MOST_API_BYTES;
/** Longest answer of a program behind the API server, decompressed: a proxy's counters of thousands of hosts. */
export const MOST_PROGRAM_BYTES = 64 * 1024 * 1024;
/** Longest text of an error, of which a few words are shown. */
export const MOST_ERROR_BYTES = 1024 * 1024;

/** Keeps bytes up to a bound, whoever sends them. */
export class BoundedBytes {
  readonly #pieces: Uint8Array[] = [];
  readonly #most: number;
  readonly #what: string;
  #bytes = 0;

  /** `what` names where the bytes come from, for the error of more than `most`. */
  constructor(most: number, what: string) {
    this.#most = most;
    this.#what = what;
  }

  /** Throws KUBE_API where this is more than the bound. */
  push(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (this.#bytes > this.#most) {
      this.#pieces.length = 0;
      throw new FaultlineError('KUBE_API', `${this.#what}: the answer has more than ${this.#most} bytes`);
    }
    this.#pieces.push(piece);
  }

  text(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }
}

/** Reads a stream to its end as text. Rejects with KUBE_API, and reads no further, beyond the bound. */
export async function boundedText(stream: AsyncIterable<Uint8Array>, most: number, what: string): Promise<string> {
  const bytes = new BoundedBytes(most, what);
  for await (const piece of stream) bytes.push(piece);
  return bytes.text();
}
