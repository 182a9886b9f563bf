import type { HeaderChange, LoadProgress, LoadSummary, SentLoad, Stall } from '../../model/ports.ts';
import type { Path } from '../../model/target.ts';
import type { Micros } from '../../model/units.ts';

/** Settings of the undici engine. */
export type UndiciOptions = {
  /**
   * Most requests of one path that may be on their way. Never more than rate x timeout x 1.25 is used.
   * @default 2000
   */
  readonly maxInFlight?: number;
};

/** What the worker is told when it starts. */
export type WorkerInput = {
  readonly load: SentLoad;
  readonly paths: readonly Path[];
  readonly file: string;
  readonly zero: Micros;
  readonly options: UndiciOptions;
};

/** Progress, and why the generator itself is not to be trusted, as soon as it is known. */
export type LoadView = LoadProgress & {
  readonly degraded: readonly string[];
};

/** From the worker. Errors travel as plain values, because structured cloning drops their code. */
export type WorkerMessage =
  | { readonly type: 'ready'; readonly view: LoadView }
  | { readonly type: 'progress'; readonly view: LoadView }
  | { readonly type: 'stall'; readonly stall: Stall }
  | { readonly type: 'done'; readonly view: LoadView; readonly summary: LoadSummary }
  | { readonly type: 'failed'; readonly view?: LoadView; readonly message: string; readonly hint?: string };

/** To the worker. */
export type WorkerCommand = { readonly type: 'stop' } | { readonly type: 'headers'; readonly change: HeaderChange };
