import type { Finding } from '../model/finding.ts';
import { type ObjectiveWords, wordsOf } from '../model/objective.ts';
import type { RunResult } from '../model/result.ts';

/** A finding with the words of its objective, and where that objective stands in the list. */
export type WordedFinding = Finding & { readonly words: ObjectiveWords; readonly rank: number };

/** A result whose findings have words. */
export type WordedResult = Omit<RunResult, 'findings'> & { readonly findings: readonly WordedFinding[] };

/** Gives each finding the words of its objective. Objectives that are not in the list stand last, as they come. */
export function withWords(result: RunResult, objectives: readonly ObjectiveWords[]): WordedResult {
  const findings = result.findings.map((finding) => {
    const words = wordsOf(finding, objectives);
    const at = objectives.findIndex(({ name }) => name === words.name);
    return { ...finding, words, rank: at === -1 ? objectives.length : at };
  });
  return { ...result, findings };
}
