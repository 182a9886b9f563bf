import type { Counted, Finding } from './finding.ts';

/** What is told of an objective, or of an invariant that every run has, beside its findings: pure data, for whoever shows them. */
export type ObjectiveWords = {
  /** The key of its clause in `spec.expect`, and what its findings name as their objective. */
  readonly name: string;
  /**
   * What it judges, in a word: the subject of its finding where it has only one, or where its judge failed. It tells
   * entries of one name apart.
   */
  readonly subject?: string;
  /** What reports call it: `Failover order`. */
  readonly title: string;
  /** What its findings rest on. */
  readonly counts?: Counted;
  /** It asks for none of something: `0, target 0` would say no more than the verdict. */
  readonly asksForNone?: true;
  /** It is judged from requests, so that what failed explains it. */
  readonly fromRequests?: true;
  /** It can be judged although nothing was injected. */
  readonly withoutFault?: true;
  /** Where it did not pass, no answer about the time under the fault means anything. */
  readonly grounds?: true;
};

/**
 * The words for a finding. Of entries of one name, one without a subject or else the last speaks for what none names. One on an objective that is not in the list, which another version may have had, is called by
 * the objective's own name.
 */
export function wordsOf(
  { id, objective }: Pick<Finding, 'id' | 'objective'>,
  list: readonly ObjectiveWords[],
): ObjectiveWords {
  const named = list.filter(({ name }) => name === objective);
  const own = named.find(({ name, subject }) => subject !== undefined && id === `${name}/${subject}`);
  const any = named.find(({ subject }) => subject === undefined) ?? named.at(-1);
  return own ?? any ?? { name: objective, title: objective };
}
