/** Work that is never done twice at once: who asks while it goes on gets one more round, and so do all who ask meanwhile. */
export class InTurn {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** `work` never rejects. */
  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves at the end of a round that has begun after this was called. */
  ask(): Promise<void> {
    if (this.#running === undefined) return this.#run();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#run();
    });
    return this.#next;
  }

  /** Resolves when nothing goes on that was asked for before. */
  async idle(): Promise<void> {
    await (this.#next ?? this.#running);
  }

  #run(): Promise<void> {
    this.#running = this.#work().then(() => {
      this.#running = undefined;
    });
    return this.#running;
  }
}
