import { plainPunctuation, terminalText } from '../../report/escape.ts';
import { code, type Markdown, md, row, textOf, upTo } from '../../report/md.ts';
import type { Answer, Decision } from './answers.ts';
import type { Gate, GateGroup } from './found.ts';
import {
  ANSWER_TITLES,
  answerText,
  DECISION_WORDS,
  mixedText,
  noticesOf,
  outcomesText,
  reasonOf,
  requiredText,
} from './words.ts';

const COLOURS: Readonly<Record<Decision, string>> = { met: '32', 'not-met': '31', undecided: '33' };

/** The gate for a terminal or a log. */
export function renderGateTerminal(gate: Gate, { color }: { readonly color: boolean }): string {
  const { confidence, expected } = gate.requirements;
  const plain = (text: string): string => (color ? text : plainPunctuation(text));
  const mark = (decision: Decision): string => {
    const { shape, ascii } = DECISION_WORDS[decision];
    return color ? `\u001b[${COLOURS[decision]}m${shape}\u001b[0m` : ascii;
  };
  const row = (answer: Answer): string => {
    const title = ANSWER_TITLES[answer.name].padEnd(14);
    const found = plain(answerText(answer, confidence));
    return `  ${mark(answer.decision)} ${title} ${requiredText(answer, expected)}\n      ${found}`;
  };
  const group = ({ scenario, target, mixed, answers, ...counts }: GateGroup): string[] => [
    `${terminalText(scenario, 120)} on ${terminalText(target.name, 80)}, ${outcomesText(counts)}`,
    ...answers.map(row),
    ...mixed.map((one) => `  ${terminalText(mixedText(one), 500)}`),
  ];
  const lines = [
    `${mark(gate.decision)} ${DECISION_WORDS[gate.decision].word}`,
    ...gate.groups.flatMap(group),
    ...noticesOf(gate).map((text) => terminalText(text, 600)),
  ];
  return `${lines.join('\n')}\n`;
}

/** The gate in one line of `key=value` pairs, for grep and for logs. */
export function renderGateLine(gate: Gate): string {
  const sum = (of: (group: GateGroup) => number): number => gate.groups.reduce((total, one) => total + of(one), 0);
  const reason = terminalText(reasonOf(gate), 300).replace(/[\\"]/g, '\\$&');
  const pairs = {
    gate: DECISION_WORDS[gate.decision].key,
    exit: gate.exitCode,
    runs: sum(({ runs }) => runs),
    pass: sum(({ tally }) => tally.outcomes.pass),
    fail: sum(({ tally }) => tally.outcomes.fail),
    inconclusive: sum(({ tally }) => tally.outcomes.inconclusive),
    not_tested: sum(({ tally }) => tally.outcomes['not-tested']),
    error: sum(({ tally }) => tally.outcomes.error),
    unreadable: gate.unreadable.length,
    left_behind: gate.leftBehind.length,
    mixed: sum(({ mixed }) => mixed.length),
    reason: `"${plainPunctuation(reason)}"`,
  };
  return `faultline ${Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')}\n`;
}

/** So many notices stand in a summary; the text and the JSON have all. */
const MOST_NOTICES = 50;

/** The gate as GitHub Flavored Markdown for a job summary. */
export function renderGateMarkdown(gate: Gate): string {
  const { confidence, expected } = gate.requirements;
  const cell = (decision: Decision): Markdown =>
    md`${DECISION_WORDS[decision].shape} **${DECISION_WORDS[decision].word}**`;
  const found = (answer: Answer): Markdown =>
    row(
      cell(answer.decision),
      ANSWER_TITLES[answer.name],
      requiredText(answer, expected),
      upTo(600, answerText(answer, confidence)),
    );
  const group = ({ scenario, target, mixed, answers, ...counts }: GateGroup): Markdown[] => [
    md`### ${upTo(120, scenario)} on ${upTo(80, target.name)}`,
    md``,
    md`${outcomesText(counts)}.`,
    md``,
    md`| | | Required | Found |`,
    md`| --- | --- | --- | --- |`,
    ...answers.map(found),
    md``,
    ...mixed.map((one) => md`- ${upTo(500, mixedText(one))}`),
    md``,
  ];
  const notices = noticesOf(gate);
  const shown = notices.slice(0, MOST_NOTICES).map((text) => md`- ${upTo(400, text)}`);
  const more = notices.length > MOST_NOTICES ? [md`- and ${notices.length - MOST_NOTICES} more`] : [];
  const lines = [
    md`## Gate: ${cell(gate.decision)}`,
    md``,
    md`${upTo(500, reasonOf(gate))}. Exit code ${code(String(gate.exitCode))}.`,
    md``,
    ...gate.groups.flatMap(group),
    ...shown,
    ...more,
  ];
  return `${textOf(lines).trimEnd()}\n`;
}
