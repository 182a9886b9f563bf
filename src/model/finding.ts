/** Worst wins: fail beats inconclusive beats pass. */
export type Verdict = 'pass' | 'fail' | 'inconclusive';

export type Unit = 's' | 'ms' | '%' | 'count';

/** A measured value as an interval; `hi: null` means it was still going on when the observation ended (right-censored). */
export type Measured = { readonly lo: number; readonly hi: number | null; readonly unit: Unit };

/** What a judgement rests on, one of it. */
export type Counted = 'request' | 'call' | 'proxy' | 'fault' | 'alert' | 'setting';

export type Bound = { readonly op: '<=' | '>=' | '=='; readonly value: number; readonly unit: Unit };

/** The judgement on one objective for one subject (a path, a caller zone, a service, a fault). */
export type Finding = {
  /** Stable over runs: `recoveryTime/entry@tokyo/ap-northeast-1a`. It is the anchor in the report. */
  readonly id: string;
  /** The name of the objective, or of the invariant, that it judges; their list is analysis/objectives/index.ts. */
  readonly objective: string;
  readonly subject: string;
  readonly verdict: Verdict;
  readonly title: string;
  /** One or two sentences in plain words, final. */
  readonly story: string;
  readonly measured?: Measured;
  readonly target?: Bound;
  /** How many requests, readings or objects the judgement rests on. */
  readonly samples: number;
  /** What they are, where it is not what the objective counts as a rule. */
  readonly counted?: Counted;
  /** Ids of evidence rows. */
  readonly evidence: readonly string[];
  /** Why it failed or could not be decided. */
  readonly cause?: string;
  /** Which knob to look at. */
  readonly hint?: string;
};

const RANK: Readonly<Record<Verdict, number>> = { pass: 0, inconclusive: 1, fail: 2 };

/** Fail beats inconclusive beats pass; no findings at all decide nothing. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return 'inconclusive';
  return verdicts.reduce((worst, next) => (RANK[next] > RANK[worst] ? next : worst));
}
