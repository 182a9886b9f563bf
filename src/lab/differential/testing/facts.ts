import type { Millis } from '../../../model/units.ts';
import type { Called } from './caller.ts';
import { HOME, ZONES, type Zone } from './outage.ts';
import type { Played, Seen } from './play.ts';

/** How many of some calls each zone answered, and how many were errors. */
export type Shares = { readonly calls: number; readonly bad: number; readonly by: Readonly<Record<Zone, number>> };

/** An outage as one caller saw it. */
export type Facts = {
  /** Errors between the fault and its undo, up to `HOLD_MS` after the first. */
  readonly bad: number;
  /** Errors after the undo. */
  readonly badAfter: number;
  /** What errors said. */
  readonly texts: readonly string[];
  /** From the first call that another zone answered to the first error, or to the end of the rollout. */
  readonly rollout: Shares;
  /** Once ejections have had time to arrive, until the undo. */
  readonly hold: Shares;
  /** From the end of the undo's rollout, and a merge window, to the end. */
  readonly after: Shares;
  /** Ejections carried out until the undo. */
  readonly ejections: number;
  /** From the first error to the first ejection that was seen; undefined without one. */
  readonly ejectedAfterMs: Millis | undefined;
  /** Whether an ejection was prevented by its limit. */
  readonly overflow: boolean;
  /** From the end of the undo's rollout to the last answer of another zone; at least 0. */
  readonly homeAfterMs: Millis;
};

/** How long errors are counted after the first. */
const HOLD_MS = 5000;
/** A merge window, and a little. */
const WINDOW_MS = 1300;

export function factsOf(played: Played, { calls, samples }: Seen): Facts {
  const { faultAt, faultDone, undoAt, undoDone } = played;
  const during = calls.filter(({ at }) => at >= faultAt && at < undoAt);
  const first = during.find(isBad)?.at;
  const clip = first === undefined ? [] : during.filter(({ at }) => at < first + HOLD_MS);
  const late = calls.filter(({ at }) => at >= undoAt);
  const leftAt = during.find((call) => !isBad(call) && call.zone !== HOME)?.at ?? undoAt;
  const rolloutEnd = Math.min(first ?? faultDone, faultDone);
  const settled = Math.max(faultDone, first ?? 0) + WINDOW_MS;
  const before = samples.findLast(({ at }) => at < faultAt)?.enforced ?? 0;
  const held = samples.findLast(({ at }) => at < undoAt);
  const ejected = samples.find(({ enforced }) => enforced > before)?.at;
  const lastAway = late.findLast((call) => !isBad(call) && call.zone !== HOME)?.at ?? 0;
  return {
    bad: clip.filter(isBad).length,
    badAfter: late.filter(isBad).length,
    texts: [...new Set(calls.flatMap(({ error }) => error ?? []))].sort(),
    rollout: shares(during.filter(({ at }) => at >= leftAt && at < rolloutEnd)),
    hold: shares(during.filter(({ at }) => at >= settled)),
    after: shares(calls.filter(({ at }) => at >= undoDone + WINDOW_MS)),
    ejections: (held?.enforced ?? 0) - before,
    ejectedAfterMs: ejected === undefined || first === undefined ? undefined : ejected - first,
    overflow: (held?.overflow ?? 0) > 0,
    homeAfterMs: Math.max(0, lastAway - undoDone),
  };
}

function isBad({ zone }: Called): boolean {
  return zone === undefined;
}

function shares(calls: readonly Called[]): Shares {
  const count = (zone: Zone): number => calls.filter((call) => call.zone === zone).length;
  const by = Object.fromEntries(ZONES.map((zone) => [zone, count(zone)])) as Record<Zone, number>;
  return { calls: calls.length, bad: calls.filter(isBad).length, by };
}
