import type { Random } from '../model/ports.ts';
import type { RecoveryRule } from '../model/recovery-rule.ts';
import type { Millis } from '../model/units.ts';
import type { DrawnStage, Skip } from './draw.ts';
import type { Request } from './traffic.ts';

/** A call at a time, and whether it failed. */
export type Seen = { readonly due: Millis; readonly end: Millis; readonly bad: boolean };

/** The longest outage: from the first bad call to the last, and from the last good one before it to the first that held. */
export type Out = { readonly lo: Millis; readonly hi: Millis | null };

/** What somebody saw in one stage. */
export type Tally = { readonly bad: number; readonly out: Out | undefined };

/** Counts the calls of a stage that somebody made, in order, those that were left out estimated. */
export function tally(
  stage: DrawnStage,
  pick: (requests: readonly Request[]) => readonly Seen[],
  requests: readonly Request[],
  rule: RecoveryRule,
  random: Random,
): Tally {
  const own = pick(requests.filter(({ due }) => due >= stage.start && due < stage.end));
  const added = stage.skipped.flatMap((skip) => estimated(skip, pick(skip.sample), random));
  const all = [...own, ...added].sort((a, b) => a.due - b.due);
  return { bad: all.filter(({ bad }) => bad).length, out: longest(all, rule) };
}

/** Calls like those of the sample, where some of it failed; what works goes on working and needs no calls. */
function estimated({ from, to, sample: { length } }: Skip, sample: readonly Seen[], random: Random): Seen[] {
  const [first, last] = [sample[0], sample.at(-1)];
  if (length === 0 || first === undefined || last === undefined || !sample.some(({ bad }) => bad)) return [];
  const every = (last.due - first.due) / Math.max(1, sample.length - 1);
  const share = sample.filter(({ bad }) => bad).length / sample.length;
  const made: Seen[] = [];
  for (let due = from; every > 0 && due < to; due += every) made.push({ due, end: due, bad: random() < share });
  return made;
}

function longest(calls: readonly Seen[], { consecutive, lastingMs }: RecoveryRule): Out | undefined {
  let found: Out | undefined;
  let open: { from: Millis; after: Millis; lo: Millis; good: Seen | undefined; run: number } | undefined;
  let lastGood: Millis | undefined;
  const close = (hi: Millis | null): void => {
    if (open === undefined) return;
    const out = { lo: open.lo - open.from, hi: hi === null ? null : hi - open.after };
    if (found === undefined || isLonger(out, found)) found = out;
    open = undefined;
  };
  for (const call of calls) {
    if (call.bad) {
      open ??= { from: call.due, after: lastGood ?? call.due, lo: call.due, good: undefined, run: 0 };
      Object.assign(open, { lo: call.due, good: undefined, run: 0 });
      continue;
    }
    lastGood = call.due;
    if (open === undefined) continue;
    open.good ??= call;
    open.run += 1;
    if (open.run >= consecutive && call.due - open.good.due >= lastingMs) close(open.good.end);
  }
  // Where nothing failed any more when the calls were left out, it held.
  close(open?.good === undefined || calls.at(-1)?.bad === true ? null : open.good.end);
  return found;
}

const isLonger = (a: Out, b: Out): boolean => (a.hi ?? Number.POSITIVE_INFINITY) > (b.hi ?? Number.POSITIVE_INFINITY);
