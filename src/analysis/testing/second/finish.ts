import { chronicle } from './chronicle.ts';
import { type Drill, type DrillOptions, run } from './drill.ts';
import { fitting } from './expect.ts';
import { type Happening, stamped } from './happening.ts';
import { writeRecords } from './records.ts';
import { Rng } from './rng.ts';
import type { Kind, Truth, TruthRun } from './truth.ts';

/** A drill with the clauses that suit it. */
export function drill(rng: Rng, options: DrillOptions = {}): Drill {
  const ran = run(rng, options);
  return { ...ran, expect: fitting(ran) };
}

/** Changes to what is told of a run. */
type Tweaks = {
  readonly history?: (happenings: Happening[]) => Happening[];
  readonly records?: (text: string) => string;
};

export type Told = { readonly drill: Drill; readonly truth: Truth; readonly tweaks?: Tweaks };

/** Writes a drill down. */
function told(name: string, { drill: made, truth, tweaks }: Told): TruthRun {
  const happenings = chronicle(made);
  const changed = tweaks?.history?.(happenings) ?? happenings;
  const text = writeRecords(made);
  return { name, history: stamped(changed), records: tweaks?.records?.(text) ?? text, truth };
}

/** One kind, by the function that makes its drill and knows its truth. */
export function kind(name: string, rule: string, why: string, make: (rng: Rng, seed: number) => Told): Kind {
  return {
    name,
    author: 'second',
    rule,
    why,
    make: (seed) => told(name, make(new Rng(`${name} ${seed}`), seed)),
  };
}

/** Everything held and the samples show it. */
export const RIGHT: Truth = { verdicts: ['pass'], failures: [], timid: true };
/** Everything held; whether it is shown is a matter of judgement. */
export const UNPROVEN: Truth = { verdicts: ['pass', 'inconclusive'], failures: [], timid: false };
/** Nothing failed, and nothing shows that all held. */
export const UNKNOWN: Truth = { verdicts: ['inconclusive'], failures: [], timid: false };

/** The promise was broken and the samples show it. */
export function broken(mustFail: Truth['mustFail'] & {}, more: Partial<Truth> = {}): Truth {
  return { verdicts: ['fail'], mustFail, failures: mustFail, timid: true, ...more };
}

/** The promise was broken; a judge may see it or find it undecided, but not pass. */
export function doubtful(mustFail: Truth['mustFail'] & {}, more: Partial<Truth> = {}): Truth {
  return { verdicts: ['fail', 'inconclusive'], mustFail, failures: mustFail, timid: false, ...more };
}
