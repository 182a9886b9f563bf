import { escapeXml, oneLine } from '../../report/escape.ts';
import type { RecordedRun } from '../recorded-run.ts';
import type { Decision } from './answers.ts';
import type { Gate } from './found.ts';
import { isAnythingRequired } from './requirements.ts';
import { type Settled, settled } from './tally.ts';
import { answerText, leftText, requiredText } from './words.ts';

type TestCase = { readonly suite: string; readonly name: string; readonly decision: Decision; readonly text: string };

const OF_RUN: Readonly<Record<Settled, Decision>> = { hit: 'met', miss: 'not-met', undecided: 'undecided' };

function answerCases({ groups, requirements }: Gate): TestCase[] {
  const { confidence, expected } = requirements;
  return groups.flatMap(({ scenario, target, answers }) =>
    answers.map((answer) => ({
      suite: `${scenario} on ${target.name}`,
      name: answer.name,
      decision: answer.decision,
      text: `${requiredText(answer, expected)}: ${answerText(answer, confidence)}`,
    })),
  );
}

/** Where runs may miss, one that does is told and is no failure. */
function runCases(runs: readonly RecordedRun[], requirements: Gate['requirements']): TestCase[] {
  const mayMiss = isAnythingRequired(requirements);
  return runs.map((run, at) => ({
    suite: 'runs',
    name: `run ${at + 1}`,
    decision: mayMiss ? 'met' : OF_RUN[settled(run, requirements.expected)],
    text: `${run.outcome}: ${run.reason} (${run.path})`,
  }));
}

function body({ decision, text }: TestCase): string {
  const words = escapeXml(oneLine(text, 1000));
  if (decision === 'met') return `<system-out>${words}</system-out>`;
  if (decision === 'not-met') return `<failure type="gate" message="${words}"></failure>`;
  return `<error type="inconclusive" message="${words}"></error>`;
}

/**
 * The gate as JUnit XML: a case for each requirement of each group and for each run. What is not decided is an error of type
 * `inconclusive`, as it is of a run; so is a file that cannot be read. Names of cases hold from one gate to the next.
 */
export function renderGateJunit(gate: Gate, runs: readonly RecordedRun[]): string {
  const cases: TestCase[] = [
    ...answerCases(gate),
    ...runCases(runs, gate.requirements),
    ...gate.unreadable.map(({ path, problem }) => ({
      suite: 'files',
      name: path,
      decision: 'undecided' as const,
      text: problem,
    })),
    ...gate.leftBehind.map((path) => ({
      suite: 'put back',
      name: path,
      decision: 'not-met' as const,
      text: leftText(path),
    })),
  ];
  const number = (decision: Decision): number => cases.filter((one) => one.decision === decision).length;
  const totals = `tests="${cases.length}" failures="${number('not-met')}" errors="${number('undecided')}" skipped="0"`;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="faultline gate" ${totals}>`,
    `<testsuite name="gate" ${totals}>`,
    ...cases.map(
      (one) =>
        `<testcase classname="${escapeXml(oneLine(one.suite))}" name="${escapeXml(oneLine(one.name))}" time="0">${body(one)}</testcase>`,
    ),
    '</testsuite>',
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}
