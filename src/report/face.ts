import type { Finding, Verdict } from '../model/finding.ts';
import type { RunResult } from '../model/result.ts';
import { type Ink, PALETTE } from './palette.ts';
import type { WordedFinding, WordedResult } from './worded.ts';
import { type Counts, countsText, countVerdicts, VERDICT_WORDS } from './words.ts';

/** What a reader sees first: the verdict, or that there was nothing to judge because no fault was ever on. */
export type Face = Verdict | 'untested';

type FaceWords = { readonly word: string; readonly shape: string; readonly ascii: string; readonly key: string };

/** Word and shape of each face; `key` is its word in one-line output. */
export const FACE_WORDS: Readonly<Record<Face, FaceWords>> = {
  pass: { ...VERDICT_WORDS.pass, key: 'pass' },
  fail: { ...VERDICT_WORDS.fail, key: 'fail' },
  inconclusive: { ...VERDICT_WORDS.inconclusive, key: 'inconclusive' },
  untested: { word: 'NOT TESTED', shape: '○', ascii: '[NONE]', key: 'not-tested' },
};

/** The colour of a face; what was not tested has none of a verdict's. */
export const FACE_INKS: Readonly<Record<Face, Ink>> = {
  pass: 'pass',
  fail: 'fail',
  inconclusive: 'inconclusive',
  untested: 'muted',
};

/** The face of a run. A run that left something behind keeps its verdict, whatever else it did not do. */
export function faceOf({ status, putBack, verdict }: Pick<RunResult, 'status' | 'putBack' | 'verdict'>): Face {
  const isIdle = putBack.state === 'nothing-injected' || (status === 'refused' && putBack.state === 'put-back');
  return status !== 'completed' && isIdle ? 'untested' : verdict;
}

/** The findings of a run, and apart from them those that say nothing because no fault was ever on. */
export function tellable(result: WordedResult): {
  readonly told: readonly WordedFinding[];
  readonly idle: readonly WordedFinding[];
} {
  if (faceOf(result) !== 'untested') return { told: result.findings, idle: [] };
  return {
    told: result.findings.filter(({ words }) => words.withoutFault),
    idle: result.findings.filter(({ words }) => !words.withoutFault),
  };
}

/** How many of the findings that say something have each verdict. */
export function countsOf(result: WordedResult): Counts {
  return countVerdicts(tellable(result).told);
}

/** `2 fail, 1 inconclusive, 8 pass`, and how many could not be judged without a fault. */
export function findingsText(result: WordedResult): string {
  const { told, idle } = tellable(result);
  return `${countsText(countVerdicts(told))}${idle.length === 0 ? '' : `; ${idle.length} not judged, nothing was injected`}`;
}

/** The one reason; a run that tested nothing says so first: `refused before any fault` does. */
export function reasonText(result: RunResult): string {
  const isPlain = faceOf(result) !== 'untested' || result.status === 'refused';
  return isPlain ? result.reason : `Nothing was injected. ${result.reason}`;
}

function letters(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

/** Whether a text is already said by another one, but for punctuation. */
export function isSaid(text: string, by: string): boolean {
  return letters(by).includes(letters(text));
}

/** Why the harness did not complete, where the one reason does not say it already. */
export function statusReasonOf({ statusReason, reason }: RunResult): string | undefined {
  const own = statusReason?.replace(/^nothing was injected: /i, '');
  return own === undefined || isSaid(own, reason) ? undefined : statusReason;
}

/** The cause of a finding, where neither its title nor its story says it already. */
export function causeOf({ cause, title, story }: Finding): string | undefined {
  return cause === undefined || isSaid(cause, title) || isSaid(cause, story) ? undefined : cause;
}

/** The colour of a face for places that know no style sheet. */
export function faceColour(face: Face): string {
  return PALETTE[FACE_INKS[face]][0];
}
