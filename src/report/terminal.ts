import type { Verdict } from '../model/finding.ts';
import type { ObjectiveWords } from '../model/objective.ts';
import type { RunResult } from '../model/result.ts';
import { uncheckedText } from '../model/target.ts';
import { anchorOf } from './anchors.ts';
import { plainPunctuation, terminalText } from './escape.ts';
import { causeOf, FACE_WORDS, type Face, faceOf, findingsText, reasonText, statusReasonOf, tellable } from './face.ts';
import { failureTexts } from './failures.ts';
import { figuresOf } from './figures.ts';
import { type FindingGroup, foldFindings } from './fold.ts';
import { countText, formatNumber, spanText } from './format.ts';
import { reviewText } from './predicted.ts';
import { timeWords } from './time.ts';
import { type WordedResult, withWords } from './worded.ts';
import { putBackText, STATUS_WORDS, targetText } from './words.ts';

export type TerminalOptions = {
  readonly color: boolean;
  /** Columns of the terminal. @default 100 */
  readonly width?: number;
};

const CODES = { pass: '32', fail: '31', inconclusive: '33', untested: '36', bold: '1', dim: '2' } as const;

/** The most rows of one verdict and objective, and the most findings that are explained. */
const MOST_ROWS = 12;
const MOST_TROUBLES = 5;

type Pen = { readonly color: boolean; readonly width: number };

function inked(pen: Pen, code: keyof typeof CODES, text: string): string {
  return pen.color ? `\u001b[${CODES[code]}m${text}\u001b[0m` : text;
}

/** Words into lines; a word longer than a line is broken. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((long) => long.match(new RegExp(`.{1,${width}}`, 'gsu')) ?? [])) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

function block(pen: Pen, name: string, text: string, code?: keyof typeof CODES): string[] {
  const indent = 12;
  return wrapped(text, Math.max(20, pen.width - indent)).map((line, at) => {
    const label = at === 0 ? name.padEnd(indent) : ' '.repeat(indent);
    return `${inked(pen, 'dim', label)}${code === undefined ? line : inked(pen, code, line)}`;
  });
}

function mark(pen: Pen, face: Face): string {
  const { shape, ascii } = FACE_WORDS[face];
  return inked(pen, face, pen.color ? shape : ascii);
}

/** Cuts in the middle: both ends of an id say something. */
function squeezed(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  const side = Math.floor((width - 2) / 2);
  return `${text.slice(0, width - 2 - side)}..${text.slice(-side)}`;
}

type Row = { readonly verdict: Verdict; readonly cells: readonly [string, string, string, string] };

/** Of a group, what has a row; the others share one that says how many they are. */
function rowsOf({ verdict, words, shown, folded }: FindingGroup): readonly Row[] {
  const kept = shown.slice(0, MOST_ROWS);
  const more = shown.length - kept.length + folded.length;
  const rows = kept.map((finding): Row => {
    const { measured = '', target = '', n = '' } = figuresOf(finding);
    return { verdict, cells: [terminalText(finding.id, 120), measured, target, n] };
  });
  if (more === 0) return rows;
  const counted = kept.length === 0 ? countText(more, 'finding') : `${formatNumber(more, 0)} more`;
  return [...rows, { verdict, cells: [`${words.name}: ${counted}`, '', '', ''] }];
}

function findingsTable(pen: Pen, result: WordedResult): string[] {
  const { told } = tellable(result);
  if (told.length === 0) return ['There are no findings: nothing could be judged.'];
  const rows = foldFindings(told, result.reasonFinding)
    .flatMap(rowsOf)
    .map(({ verdict, cells }) => ({
      verdict,
      cells: cells.map((cell) => (pen.color ? cell : plainPunctuation(cell))),
    }));
  const heads = ['finding', 'measured', 'target', 'n'];
  const widths = heads.map((name, at) => Math.max(name.length, ...rows.map(({ cells }) => cells[at]?.length ?? 0)));
  const [, measured = 0, target = 0, samples = 0] = widths;
  const markWidth = pen.color ? 1 : 6;
  const name = Math.min(widths[0] ?? 0, Math.max(16, pen.width - markWidth - measured - target - samples - 8));
  const line = (cells: readonly string[]): string =>
    `${squeezed(cells[0] ?? '', name)}  ${(cells[1] ?? '').padStart(measured)}  ${(cells[2] ?? '').padStart(target)}  ${(cells[3] ?? '').padStart(samples)}`;
  return [
    inked(pen, 'dim', `${' '.repeat(markWidth)}  ${line(heads)}`),
    ...rows.map(({ verdict, cells }) => `${mark(pen, verdict)}  ${line(cells)}`),
  ];
}

function troubles(pen: Pen, result: WordedResult): string[] {
  return foldFindings(tellable(result).told)
    .filter(({ verdict }) => verdict !== 'pass')
    .flatMap(({ shown }) => shown)
    .slice(0, MOST_TROUBLES)
    .flatMap((finding) => {
      const cause = causeOf(finding);
      return [
        `${mark(pen, finding.verdict)}  ${inked(pen, 'bold', terminalText(finding.title, 200))}`,
        ...block(pen, '', terminalText(finding.story, 600)),
        ...(cause === undefined ? [] : block(pen, '   cause', terminalText(cause, 600))),
        ...(finding.hint === undefined ? [] : block(pen, '   hint', terminalText(finding.hint, 600))),
      ];
    });
}

function putBackLines(pen: Pen, { putBack, run }: RunResult): string[] {
  if (putBack.state !== 'incomplete') return block(pen, 'put back', terminalText(putBackText(putBack)));
  const commands = putBack.leftovers.map(
    ({ cluster, command }) => `            ${terminalText(cluster, 60)}: ${terminalText(command, 500)}`,
  );
  return [
    ...block(
      pen,
      'put back',
      `${terminalText(putBackText(putBack))}. Run: faultline recover --run ${terminalText(run.runId, 80)}`,
      'fail',
    ),
    ...commands,
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
  const unchecked = uncheckedText(run.topology.paths);
  const harness =
    statusReason === undefined ? STATUS_WORDS[status] : `${STATUS_WORDS[status]}: ${terminalText(statusReason, 400)}`;
  const anchor = reasonFinding === undefined ? '#verdict' : `#${anchorOf(reasonFinding)}`;
  const lines = [
    `${mark(pen, face)} ${inked(pen, 'bold', `${FACE_WORDS[face].word}  ${terminalText(run.scenario.name, 120)}`)}`,
    ...block(pen, 'reason', terminalText(reasonText(result), 500), 'bold'),
    ...failureTexts(result).flatMap((text, at) => block(pen, at === 0 ? 'failed' : '', terminalText(text, 400))),
    ...(unchecked === undefined ? [] : block(pen, 'warning', terminalText(unchecked, 1000), 'inconclusive')),
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
    '',
    ...block(pen, 'report', `report.html${anchor}`),
  ];
  const text = `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
  return pen.color ? text : plainPunctuation(text);
}
