import type { Finding } from '../model/finding.ts';
import type { ObjectiveWords } from '../model/objective.ts';
import type { RunResult } from '../model/result.ts';
import { commandText, escapeXml, oneLine } from './escape.ts';
import { causeOf, countsOf, FACE_WORDS, faceOf, reasonText, tellable } from './face.ts';
import { failureTexts } from './failures.ts';
import { figuresText } from './figures.ts';
import { waysOn } from './left.ts';
import { type WordedFinding, withWords } from './worded.ts';
import { putBackText, STATUS_WORDS } from './words.ts';

/*
 * How a run looks to a CI system that knows only tests:
 *   a finding that fails            -> failure
 *   a finding that is inconclusive  -> error, type "inconclusive": many viewers hide `skipped`, and what nobody could
 *                                      decide must never look green
 *   nothing was injected            -> no failure at all: error of the case "harness" with the words NOT TESTED, errors of
 *                                      type "not-tested" for why, and no case for what only a fault could show
 *   the harness did not complete    -> error of the case "harness"
 *   something of ours is left       -> failure of the case that has the objective putBack, or of the case "putBack"
 * Nothing is ever skipped. Names are finding ids: no run id, no figures, so that histories of CI systems hold.
 */

type TestCase = { readonly name: string; readonly body: string };

/** A failure or an error of a case. */
export function element(name: 'failure' | 'error', type: string, message: string, text: string): string {
  return `<${name} type="${escapeXml(type)}" message="${escapeXml(oneLine(message, 500))}">${escapeXml(text)}</${name}>`;
}

function textOf(finding: WordedFinding, failures: readonly string[]): string {
  const cause = causeOf(finding);
  const figures = figuresText(finding);
  const evidence = finding.evidence
    .slice(0, 20)
    .map((id) => oneLine(id, 60))
    .join(', ');
  return [
    `${finding.words.title}: ${oneLine(finding.title)}`,
    oneLine(finding.story, 1000),
    ...(figures === '' ? [] : [figures]),
    ...(cause === undefined ? [] : [`cause: ${oneLine(cause, 1000)}`]),
    ...(finding.hint === undefined ? [] : [`hint: ${oneLine(finding.hint, 1000)}`]),
    ...(finding.verdict !== 'pass' && finding.words.fromRequests ? failures : []),
    `evidence: ${evidence || 'none'}`,
  ].join('\n');
}

function body(finding: WordedFinding, isTested: boolean, failures: readonly string[]): string {
  const words = textOf(finding, failures);
  const figures = figuresText(finding);
  const message = `${oneLine(finding.title)}${figures === '' ? '' : `: ${figures}`}`;
  if (finding.verdict === 'pass') return `<system-out>${escapeXml(words)}</system-out>`;
  if (!isTested) return element('error', 'not-tested', message, words);
  if (finding.verdict === 'fail') return element('failure', finding.objective, message, words);
  return element('error', 'inconclusive', message, words);
}

function caseNames(findings: readonly Finding[]): readonly string[] {
  const used = new Map<string, number>();
  return findings.map(({ id }) => {
    const times = (used.get(id) ?? 0) + 1;
    used.set(id, times);
    return oneLine(times === 1 ? id : `${id} (${times})`, 300);
  });
}

function harnessCase(result: RunResult, failures: readonly string[]): TestCase {
  if (result.status === 'completed') return { name: 'harness', body: '' };
  const face = faceOf(result);
  const words =
    face === 'untested'
      ? `${FACE_WORDS[face].word}. ${oneLine(reasonText(result), 1000)}`
      : `${STATUS_WORDS[result.status]}. ${oneLine(result.statusReason ?? '', 1000)}`.trim();
  return { name: 'harness', body: element('error', result.status, words, [words, ...failures].join('\n')) };
}

function putBackCase(result: RunResult): TestCase[] {
  if (result.findings.some(({ objective }) => objective === 'putBack')) return [];
  const words = `${putBackText(result.putBack)}. ${oneLine(result.putBack.detail, 1000)}`;
  const left = waysOn(result).map(({ what, command }) => `${oneLine(what)}: ${commandText(command)}`);
  const failed = result.putBack.state === 'incomplete';
  return [{ name: 'putBack', body: failed ? element('failure', 'putBack', words, [words, ...left].join('\n')) : '' }];
}

/** A suite, and what it adds to the totals of its document. */
export type Suite = {
  readonly lines: readonly string[];
  readonly counts: Readonly<Record<'tests' | 'failures' | 'errors' | 'seconds', number>>;
};

/** The run as JUnit XML. */
export function renderJunit(result: RunResult, objectives: readonly ObjectiveWords[]): string {
  return junitDocument([junitSuite(result, objectives)]);
}

/** Suites as one document. */
export function junitDocument(suites: readonly Suite[]): string {
  const sum = (what: keyof Suite['counts']): number => suites.reduce((total, { counts }) => total + counts[what], 0);
  const totals = { tests: sum('tests'), failures: sum('failures'), errors: sum('errors'), seconds: sum('seconds') };
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="faultline" ${totalsText(totals)}>`,
    ...suites.flatMap((suite) => suite.lines),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function totalsText({ tests, failures, errors, seconds }: Suite['counts']): string {
  return `tests="${tests}" failures="${failures}" errors="${errors}" skipped="0" time="${seconds.toFixed(3)}"`;
}

/** The suite of a run: one case for each finding, one for the harness, and always one for what was put back. */
export function junitSuite(judged: RunResult, objectives: readonly ObjectiveWords[]): Suite {
  const result = withWords(judged, objectives);
  const { told } = tellable(result);
  const face = faceOf(result);
  const names = caseNames(told);
  const failures = failureTexts(result).map((text) => `failed in this run: ${text}`);
  const cases: TestCase[] = [
    ...told.map((finding, at) => ({ name: names[at] ?? '', body: body(finding, face !== 'untested', failures) })),
    harnessCase(result, failures),
    ...putBackCase(result),
  ];
  const scenario = oneLine(result.run.scenario.name, 200);
  const seconds = Number.isFinite(result.duration) ? result.duration / 1_000_000 : 0;
  const number = (kind: string): number => cases.filter((one) => one.body.startsWith(`<${kind} `)).length;
  const counts = { tests: cases.length, failures: number('failure'), errors: number('error'), seconds };
  const file = escapeXml(oneLine(result.run.scenario.source.file, 500));
  const properties = {
    verdict: FACE_WORDS[face].key,
    status: result.status,
    exitCode: result.exitCode,
    putBack: result.putBack.state,
    target: result.run.target.kind,
    ...countsOf(result),
  };
  const lines = [
    `<testsuite name="${escapeXml(scenario)}" ${totalsText(counts)} timestamp="${escapeXml(oneLine(result.startedAt, 40))}">`,
    '<properties>',
    ...Object.entries(properties).map(
      ([name, value]) => `<property name="${name}" value="${escapeXml(String(value))}"/>`,
    ),
    '</properties>',
    ...cases.map(({ name, body: inner }) => {
      const head = `<testcase classname="${escapeXml(scenario)}" name="${escapeXml(name)}" file="${file}" time="0"`;
      return inner === '' ? `${head}/>` : `${head}>${inner}</testcase>`;
    }),
    '</testsuite>',
  ];
  return { lines, counts };
}
