import type { ObjectiveWords } from '../model/objective.ts';
import type { RunResult } from '../model/result.ts';
import { anchorOf } from './anchors.ts';
import { commandText, plainPunctuation, terminalText } from './escape.ts';
import { causeOf, FACE_WORDS, faceOf, findingsText, reasonText, statusReasonOf, tellable } from './face.ts';
import { failureTexts } from './failures.ts';
import { foldFindings } from './fold.ts';
import { spanText } from './format.ts';
import { waysOn } from './left.ts';
import { reviewText } from './predicted.ts';
import { findingsTable } from './terminal-findings.ts';
import { block, headed, inked, mark, type Pen } from './terminal-text.ts';
import { timeWords } from './time.ts';
import { warningTexts } from './warnings.ts';
import { type WordedResult, withWords } from './worded.ts';
import { putBackText, STATUS_WORDS, targetText } from './words.ts';

export type TerminalOptions = {
  readonly color: boolean;
  /** Columns of the terminal. @default 100 */
  readonly width?: number;
  /** False where the report could not be written. @default true */
  readonly hasReport?: boolean;
};

/** The most findings that are explained. */
const MOST_TROUBLES = 5;

function troubles(pen: Pen, result: WordedResult): string[] {
  return foldFindings(tellable(result).told)
    .filter(({ verdict }) => verdict !== 'pass')
    .flatMap(({ shown }) => shown)
    .slice(0, MOST_TROUBLES)
    .flatMap((finding) => {
      const cause = causeOf(finding);
      // Its commands stand above, whole.
      const hint = finding.objective === 'putBack' ? undefined : finding.hint;
      return [
        ...headed(pen, finding.verdict, terminalText(finding.title, 200), 'bold'),
        ...block(pen, '', terminalText(finding.story, 600)),
        ...(cause === undefined ? [] : block(pen, '   cause', terminalText(cause, 600))),
        ...(hint === undefined ? [] : block(pen, '   hint', terminalText(hint, 600))),
      ];
    });
}

/** Never folded, nor made plain: it is there to be pasted. */
function commandLine(command: string): string {
  return `            ${commandText(command)}`;
}

function putBackLines(pen: Pen, { putBack, run }: RunResult): string[] {
  if (putBack.state !== 'incomplete') return block(pen, 'put back', terminalText(putBackText(putBack)));
  return [
    ...block(pen, 'put back', terminalText(putBackText(putBack)), 'fail'),
    ...waysOn({ run, putBack }).flatMap(({ what, command }) => [
      ...block(pen, '', terminalText(`${what}:`)),
      commandLine(command),
    ]),
  ];
}

/** The first screen after a run: verdict, reason, findings, what was put back, and where to look. */
export function renderTerminal(
  judged: RunResult,
  objectives: readonly ObjectiveWords[],
  options: TerminalOptions,
): string {
  const result = withWords(judged, objectives);
  const pen = { color: options.color, width: Math.max(40, options.width ?? 100) };
  const { run, status, reasonFinding } = result;
  const face = faceOf(result);
  const statusReason = statusReasonOf(result);
  const harness =
    statusReason === undefined ? STATUS_WORDS[status] : `${STATUS_WORDS[status]}: ${terminalText(statusReason, 400)}`;
  const anchor = reasonFinding === undefined ? '#verdict' : `#${anchorOf(reasonFinding)}`;
  const lines = [
    `${mark(pen, face)} ${inked(pen, 'bold', `${FACE_WORDS[face].word}  ${terminalText(run.scenario.name, 120)}`)}`,
    ...block(pen, 'reason', terminalText(reasonText(result), 500), 'bold'),
    ...failureTexts(result).flatMap((text, at) => block(pen, at === 0 ? 'failed' : '', terminalText(text, 400))),
    ...warningTexts(result).flatMap((text) => block(pen, 'warning', terminalText(text, 1000), 'inconclusive')),
    ...block(pen, 'hypothesis', terminalText(run.scenario.hypothesis, 600)),
    ...block(pen, 'harness', harness),
    ...putBackLines(pen, result),
    ...block(pen, 'target', terminalText(targetText(run.target))),
    ...block(pen, 'run', `${terminalText(run.runId, 80)}, ${timeWords(result).utc(0)}, ${spanText(result.duration)}`),
    ...block(pen, 'findings', findingsText(result)),
    ...(result.prediction === undefined
      ? []
      : block(pen, 'prediction', terminalText(reviewText(result.prediction), 400))),
    '',
    ...findingsTable(pen, result),
    ...(face === 'pass' ? [] : ['', ...troubles(pen, result)]),
    ...(options.hasReport === false ? [] : ['', ...block(pen, 'report', `report.html${anchor}`)]),
  ];
  const commands = new Set(waysOn(result).map(({ command }) => commandLine(command)));
  const plain = (line: string) => (pen.color || commands.has(line) ? line : plainPunctuation(line));
  return `${lines.map((line) => plain(line.trimEnd())).join('\n')}\n`;
}
