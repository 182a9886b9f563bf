import type { FailoverOrder } from '../../model/scenario.ts';
import type { Micros, Ratio } from '../../model/units.ts';
import { MERGE_WINDOW } from '../timeline/stages.ts';
import type { Window } from '../timeline/windows.ts';
import { type Capacity, capacityAt, countsUnready, expectedRung, keptUpTo } from './capacity.ts';
import type { Case } from './case.ts';
import type { LadderCounts } from './ladder-counts.ts';
import { declaredShare } from './rungs.ts';

/** A mesh that spills keeps at least this much less than its own rule says. */
const SPILL_TOLERANCE = 0.1;

/** What is asked of the rungs at a time. */
export type Asked = {
  /** The nearest rung that can serve; -1 when none can. */
  readonly expected: number;
  /** The nearest rung such that everything may be asked of the rungs up to it. */
  readonly last: number;
  /** From the expected to the last rung: the share that the rungs up to there must have. */
  readonly required: readonly { readonly rung: number; readonly share: Ratio }[];
};

/** What the rungs up to each one must have, by the mesh's own rule and the declared shares. */
function requirement(run: Case, order: FailoverOrder, capacity: readonly Capacity[]): Asked {
  const expected = expectedRung(capacity);
  if (expected < 0) return { expected, last: -1, required: [] };
  const rule = countsUnready(run);
  const modes = (rule === undefined ? [false, true] : [rule]).map((unready) => keptUpTo(capacity, unready));
  const kept = capacity.map((_, rung) => Math.min(...modes.map((mode) => mode[rung] as number)));
  const full = kept.findIndex((share) => share >= 1);
  const last = full < 0 ? capacity.length - 1 : full;
  const required = [];
  for (let rung = expected; rung <= last; rung++) {
    const share = kept[rung] as number;
    const { share: asked, isStrict } = declaredShare(order, rung);
    const possible = Math.max(0, Math.min(asked, share - SPILL_TOLERANCE));
    required.push({ rung, share: share >= 1 || isStrict ? asked : possible });
  }
  return { expected, last, required };
}

/** What is left to ask where each of several may hold: up to each rung the least that one of them asks up to there. */
function weakest(all: readonly Asked[]): Asked {
  const [first] = all;
  if (first !== undefined && all.length === 1) return first;
  const expected = Math.min(...all.map((one) => one.expected));
  if (expected < 0) return { expected, last: -1, required: [] };
  const last = Math.max(...all.map((one) => one.last));
  const shareOf = (one: Asked, rung: number): Ratio =>
    one.required.find((row) => row.rung === Math.min(rung, one.last))?.share ?? 0;
  const required = [];
  for (let rung = expected; rung <= last; rung++) {
    const share = Math.min(...all.map((one) => shareOf(one, rung)));
    if (share > 0) required.push({ rung, share });
  }
  return { expected, last, required };
}

const isSame = (a: Asked | undefined, b: Asked): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What is asked from a time on, because of what each rung could serve then. */
type Asking = { readonly since: Micros; readonly capacity: readonly Capacity[]; readonly asked: Asked };

/** What is asked in a window, in order; how long the first one had held is not known. */
function askingsIn(run: Case, { order, stage }: LadderCounts, { start, end }: Window): Asking[] {
  const unable = run.unable(order.service);
  const askings: Asking[] = [];
  for (const time of [start, ...run.pods.changes(start, end)]) {
    const capacity = capacityAt(run, order, stage, time, unable);
    const asked = requirement(run, order, capacity);
    if (isSame(askings.at(-1)?.asked, asked)) continue;
    askings.push({ since: askings.length === 0 ? Number.NEGATIVE_INFINITY : time, capacity, asked });
  }
  return askings;
}

/** What is left to ask of a window as a whole, whenever in it the calls were. */
export function askedThroughout(run: Case, ladder: LadderCounts, { start, end }: Window): Asked {
  return weakest(askingsIn(run, ladder, { start: start - MERGE_WINDOW, end }).map(({ asked }) => asked));
}

/** A part of a window in which the same is asked. */
type AskedPart = { readonly window: Window; readonly capacity: readonly Capacity[]; readonly asked: Asked };

/** A change gives the mesh a second of its own where nothing had changed for so long: who flaps gets no other. */
const CALM: Micros = 2 * MERGE_WINDOW;

/** What may hold at a time: what was asked at any time of the last second. The last one of `askings` is the present one. */
function heldAt(askings: readonly Asking[], time: Micros): readonly Asking[] {
  const oldest = askings.findLastIndex(({ since }) => since <= time - MERGE_WINDOW);
  return askings.slice(Math.max(0, oldest));
}

/** Whether the second after the present change is the mesh's own. */
function isGiven(askings: readonly Asking[], held: readonly Asking[]): boolean {
  const [before, present] = askings.slice(-2);
  return held.length > 1 && before !== undefined && present !== undefined && present.since - before.since >= CALM;
}

/**
 * The parts of a window with one expectation each, at least one. After a change the mesh may need a second; in that of a
 * later change that comes too soon to be given one, it may do what was asked at any time of the last second.
 */
export function partsOf(run: Case, ladder: LadderCounts, window: Window): AskedPart[] {
  const all = askingsIn(run, ladder, { start: window.start - CALM - MERGE_WINDOW, end: window.end });
  const times = all.flatMap(({ since }) => [since, since + MERGE_WINDOW]);
  const inside = times.filter((time) => time > window.start && time < window.end).sort((a, b) => a - b);
  const cuts = [window.start, ...inside];
  const parts = cuts.flatMap((start, i): AskedPart[] => {
    const askings = all.slice(0, all.findLastIndex(({ since }) => since <= start) + 1);
    const held = heldAt(askings, start);
    const asked = weakest(held.map((one) => one.asked));
    const isOpen = isGiven(askings, held) || (held.length > 1 && asked.required.length === 0);
    const { capacity } = askings.at(-1) as Asking;
    return isOpen ? [] : [{ window: { start, end: cuts[i + 1] ?? window.end }, capacity, asked }];
  });
  const { capacity, asked } = all.at(-1) as Asking;
  return parts.length > 0 ? joined(parts) : [{ window: { start: window.end, end: window.end }, capacity, asked }];
}

/** The same parts; those that follow each other and ask for the same are one. */
function joined(parts: readonly AskedPart[]): AskedPart[] {
  const all: AskedPart[] = [];
  for (const part of parts) {
    const before = all.at(-1);
    if (before?.window.end === part.window.start && isSame(before.asked, part.asked)) {
      all.splice(-1, 1, { ...before, window: { start: before.window.start, end: part.window.end } });
    } else all.push(part);
  }
  return all;
}
