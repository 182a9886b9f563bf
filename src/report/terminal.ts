import type { Finding, Verdict } from '../model/finding.ts';
import type { RunResult } from '../model/result.ts';
import { anchorOf } from './anchors.ts';
import { plainPunctuation, terminalText } from './escape.ts';
import { boundText, formatNumber, measuredText, spanText } from './format.ts';
import { timeWords } from './time.ts';
import {
  countsText,
  countVerdicts,
  putBackText,
  STATUS_WORDS,
  targetText,
  VERDICT_WORDS,
  worstFirst,
} from './words.ts';

export type TerminalOptions = {
  readonly color: boolean;
  /** Columns of the terminal. @default 100 */
  readonly width?: number;
};

const CODES = { pass: '32', fail: '31', inconclusive: '33', bold: '1', dim: '2' } as const;

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

function mark(pen: Pen, verdict: Verdict): string {
  const { shape, ascii } = VERDICT_WORDS[verdict];
  return inked(pen, verdict, pen.color ? shape : ascii);
}

/** Cuts in the middle: both ends of an id say something. */
function squeezed(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  const side = Math.floor((width - 2) / 2);
  return `${text.slice(0, width - 2 - side)}..${text.slice(-side)}`;
}

function rowOf(finding: Finding): [string, string, string, string] {
  return [
    terminalText(finding.id, 120),
    measuredText(finding.measured, finding.target),
    boundText(finding.target),
    formatNumber(finding.samples, 0),
  ];
}

function findingsTable(pen: Pen, findings: readonly Finding[]): string[] {
  if (findings.length === 0) return ['There are no findings: nothing could be judged.'];
  const sorted = worstFirst(findings);
  const rows = sorted.map(rowOf).map((row) => row.map((cell) => (pen.color ? cell : plainPunctuation(cell))));
  const heads = ['finding', 'measured', 'target', 'n'];
  const widths = heads.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const [, measured = 0, target = 0, samples = 0] = widths;
  const markWidth = pen.color ? 1 : 6;
  const name = Math.min(widths[0] ?? 0, Math.max(16, pen.width - markWidth - measured - target - samples - 8));
  const line = (cells: readonly string[]): string =>
    `${squeezed(cells[0] ?? '', name)}  ${(cells[1] ?? '').padStart(measured)}  ${(cells[2] ?? '').padStart(target)}  ${(cells[3] ?? '').padStart(samples)}`;
  return [
    inked(pen, 'dim', `${' '.repeat(markWidth)}  ${line(heads)}`),
    ...sorted.map((finding, at) => `${mark(pen, finding.verdict)}  ${line(rows[at] ?? [])}`),
  ];
}

function troubles(pen: Pen, findings: readonly Finding[]): string[] {
  return worstFirst(findings)
    .filter(({ verdict }) => verdict !== 'pass')
    .slice(0, 5)
    .flatMap((finding) => [
      `${mark(pen, finding.verdict)}  ${inked(pen, 'bold', terminalText(finding.title, 200))}`,
      ...block(pen, '', terminalText(finding.story, 600)),
      ...(finding.cause === undefined ? [] : block(pen, '   cause', terminalText(finding.cause, 600))),
      ...(finding.hint === undefined ? [] : block(pen, '   hint', terminalText(finding.hint, 600))),
    ]);
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
export function renderTerminal(result: RunResult, options: TerminalOptions): string {
  const pen = { color: options.color, width: Math.max(40, options.width ?? 100) };
  const { run, status, statusReason, verdict, reasonFinding } = result;
  const harness =
    statusReason === undefined ? STATUS_WORDS[status] : `${STATUS_WORDS[status]}: ${terminalText(statusReason, 400)}`;
  const anchor = reasonFinding === undefined ? '#verdict' : `#${anchorOf(reasonFinding)}`;
  const lines = [
    `${mark(pen, verdict)} ${inked(pen, 'bold', `${VERDICT_WORDS[verdict].word}  ${terminalText(run.scenario.name, 120)}`)}`,
    ...block(pen, 'reason', terminalText(result.reason, 500), 'bold'),
    ...block(pen, 'hypothesis', terminalText(run.scenario.hypothesis, 600)),
    ...block(pen, 'harness', harness),
    ...putBackLines(pen, result),
    ...block(pen, 'target', terminalText(targetText(run.target))),
    ...block(pen, 'run', `${terminalText(run.runId, 80)}, ${timeWords(result).utc(0)}, ${spanText(result.duration)}`),
    ...block(pen, 'findings', countsText(countVerdicts(result.findings))),
    '',
    ...findingsTable(pen, result.findings),
    ...(verdict === 'pass' ? [] : ['', ...troubles(pen, result.findings)]),
    '',
    ...block(pen, 'report', `report.html${anchor}`),
  ];
  const text = `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
  return pen.color ? text : plainPunctuation(text);
}
