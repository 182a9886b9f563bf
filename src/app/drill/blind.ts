import type { HistoryWriter, Stall } from '../../model/ports.ts';
import type { Micros, Millis } from '../../model/units.ts';

/** A stretch in which a target's own process stood still, on the `process.hrtime` scale. `detail` says so in words. */
export type Blind = { readonly from: Micros; readonly to: Micros; readonly detail: string };

/** Somebody listens to how a target's own process fares. */
export type BlindWatch = {
  /** Resolves when every stretch so far has been told, one that goes on as far as it is known; within some seconds. */
  settle(): Promise<void>;
  end(): void;
};

/**
 * What a target offers whose process belongs to faultline. A stretch is told when it could have made a good request, one
 * that is answered within the given time, a bad one. Stretches come in order and do not overlap.
 */
export type WatchBlind = (answerWithinMs: Millis, onBlind: (blind: Blind) => void) => BlindWatch;

const NOTHING_TO_WATCH: BlindWatch = { settle: async () => {}, end: () => {} };

/** Writes the stretches into the history of a run as they come, tells of them, and says once, for people, what they mean. */
export function recordBlind(
  watch: WatchBlind | undefined,
  answerWithinMs: Millis,
  history: Pick<HistoryWriter, 'append'> & { readonly zero: Micros },
  tell: (stretch: Stall) => void,
): BlindWatch {
  if (watch === undefined) return NOTHING_TO_WATCH;
  let said = false;
  return watch(answerWithinMs, ({ from, to, detail }) => {
    if (to <= history.zero) return;
    const stretch = { from: Math.max(0, from - history.zero), to: to - history.zero };
    history.append({ type: 'blind', ...stretch, detail });
    tell(stretch);
    if (said) return;
    said = true;
    history.append({ type: 'notice', level: 'warning', text: `${detail}: what failed then is not judged` });
  });
}
