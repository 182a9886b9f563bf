import type { AbortFinding } from '../../model/abort.ts';
import type { LoadProgress, Stall } from '../../model/ports.ts';
import type { Micros } from '../../model/units.ts';

/** What a look at a run shows. Times are run time. */
export type Seen = {
  readonly now: Micros;
  readonly load: LoadProgress;
  /** When the API of each cluster has last answered, as far as anybody asked. */
  readonly contacts: readonly { readonly cluster: string; readonly at: Micros }[];
  /** Stretches in which bad requests may be the doing of a generator, or of a sandbox, that stood still. */
  readonly doubts: readonly Stall[];
};

/** Watches for one abort condition. */
export type Watcher = {
  /** To be called again and again; what was found, when the condition is met. */
  look(seen: Seen): AbortFinding | undefined;
};
