import type { Bound, Finding, Measured, Verdict } from '../../model/finding.ts';

/** What a judge says of one subject. */
export type Judgement = { readonly verdict: Verdict; readonly cause?: string | undefined };

type Draft = Omit<Finding, 'id' | 'verdict' | 'cause' | 'hint'> & {
  readonly verdict: Verdict;
  /** Told apart from the subject when one subject has several findings. */
  readonly id?: string;
  readonly cause?: string | undefined;
  readonly hint?: string | undefined;
};

/** Whether a measured interval lies within its target, all of it. */
function isWithin({ lo, hi }: Measured, { op, value }: Bound): boolean {
  if (op === '>=') return lo >= value;
  return hi !== null && hi <= value && (op === '<=' || lo >= value);
}

/**
 * A finding whose id is its objective and subject, without the reasons that a pass does not need. A pass was decided by
 * something else than its figure where that lies beyond its target in part, and does not show it: one rule for all.
 */
export function finding(draft: Draft): Finding {
  const { cause, hint, id, measured, target, ...rest } = draft;
  const isOther =
    draft.verdict === 'pass' && measured !== undefined && target !== undefined && !isWithin(measured, target);
  return {
    ...rest,
    ...(measured !== undefined && !isOther && { measured }),
    ...(target !== undefined && !isOther && { target }),
    id: id ?? `${draft.objective}/${draft.subject}`,
    ...(cause !== undefined && draft.verdict !== 'pass' && { cause }),
    ...(hint !== undefined && draft.verdict !== 'pass' && { hint }),
  };
}

/** Nothing passes, and nothing is blamed, on a doubtful ground. */
export function unlessDoubted(judged: Judgement, doubt: string | undefined): Judgement {
  return doubt === undefined ? judged : { verdict: 'inconclusive', cause: doubt };
}

/** A pass that something keeps from being certain. */
export function unlessOpen(judged: Judgement, open: string | undefined): Judgement {
  return judged.verdict === 'pass' && open !== undefined ? { verdict: 'inconclusive', cause: open } : judged;
}
