import { createSignal } from './signal.ts';

/** What a container writes, piece by piece, until it ends. */
export type ContainerLog = {
  /** Everything so far. Pieces may end anywhere, in the middle of a character too. */
  readonly pieces: readonly Buffer[];
  readonly ended: boolean;
  /** Calls back when there is more, or the end; returns what ends the listening. */
  listen(listener: () => void): () => void;
};

/** A log that somebody writes. */
export class WrittenLog implements ContainerLog {
  readonly pieces: Buffer[] = [];
  readonly #changed = createSignal();
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  write(piece: string | Buffer): void {
    this.pieces.push(Buffer.from(piece));
    this.#changed.fire();
  }

  /** The container has ended. */
  end(): void {
    this.#ended = true;
    this.#changed.fire();
  }

  listen(listener: () => void): () => void {
    return this.#changed.listen(listener);
  }
}
