import type { ObjectiveWords } from '../model/objective.ts';
import type { RunResult } from '../model/result.ts';
import { terminalText } from './escape.ts';
import { countsOf, FACE_WORDS, faceOf, reasonText } from './face.ts';
import { withWords } from './worded.ts';

function value(text: string): string {
  const line = terminalText(text, 300);
  return /^[\w./@:+-]+$/.test(line) ? line : `"${line.replace(/[\\"]/g, '\\$&')}"`;
}

/** The run in one line of `key=value` pairs, for grep and for logs. */
export function renderOneLine(result: RunResult, objectives: readonly ObjectiveWords[]): string {
  const counts = countsOf(withWords(result, objectives));
  const pairs = {
    verdict: FACE_WORDS[faceOf(result)].key,
    status: result.status,
    exit: String(result.exitCode),
    pass: String(counts.pass),
    fail: String(counts.fail),
    inconclusive: String(counts.inconclusive),
    put_back: result.putBack.state,
    target: result.run.target.kind,
    scenario: value(result.run.scenario.name),
    run: value(result.run.runId),
    reason: value(reasonText(result)),
  };
  return lineOf(pairs);
}

function lineOf(pairs: Readonly<Record<string, string>>): string {
  const words = Object.entries(pairs).map(([key, text]) => `${key}=${text}`);
  return `faultline ${words.join(' ')}\n`;
}

/** A run that is over and whose record cannot be judged. */
type LostRun = {
  readonly run: {
    readonly runId: string;
    readonly scenario: string;
    readonly target: Pick<RunResult['run']['target'], 'kind'>;
  };
  readonly exitCode: number;
  readonly undone: boolean;
  readonly reason: string;
};

/** The same line of a run of which there is no result. */
export function renderLostLine({ run, exitCode, undone, reason }: LostRun): string {
  return lineOf({
    verdict: FACE_WORDS.inconclusive.key,
    status: 'failed',
    exit: String(exitCode),
    ...{ pass: '0', fail: '0', inconclusive: '0' },
    put_back: undone ? 'put-back' : 'incomplete',
    target: run.target.kind,
    scenario: value(run.scenario),
    run: value(run.runId),
    reason: value(reason),
  });
}
