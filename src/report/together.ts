import type { ObjectiveWords } from '../model/objective.ts';
import type { RunResult } from '../model/result.ts';
import { escapeXml, oneLine } from './escape.ts';
import { FACE_WORDS, faceOf, reasonText } from './face.ts';
import { element, junitDocument, junitSuite, type Suite } from './junit.ts';
import { code, fileLink, md, row, textOf } from './md.ts';

/** One of several scenarios that were run one after the other. */
export type OneOfMany = {
  readonly file: string;
  /** What `run` would have exited with for it alone; absent for one that was not begun. */
  readonly exit?: number;
  readonly result?: RunResult;
  /** Why there is no result. */
  readonly problem?: string;
  /** Where its report is, from the folder of the joint files. */
  readonly report?: string;
};

const VERDICTS = ['pass', 'fail', 'inconclusive', 'not-tested', 'not-run'] as const;

function verdictOf({ result }: OneOfMany): string {
  return result === undefined ? 'not-run' : FACE_WORDS[faceOf(result)].key;
}

function reasonOf({ result, problem, exit }: OneOfMany): string {
  if (result !== undefined) return reasonText(result);
  return problem ?? (exit === undefined ? 'it was not begun: the run before it ended them all' : `exit code ${exit}`);
}

/** All of them in one line of `key=value` pairs. */
export function renderTogetherLine(runs: readonly OneOfMany[], exit: number): string {
  const counts = VERDICTS.map((verdict) => {
    return `${verdict.replace('-', '_')}=${runs.filter((run) => verdictOf(run) === verdict).length}`;
  });
  return `faultline runs=${runs.length} ${counts.join(' ')} exit=${exit}`;
}

/** All of them as one JUnit document, a suite for each; one without a result is an error that says why. */
export function renderTogetherJunit(runs: readonly OneOfMany[], objectives: readonly ObjectiveWords[]): string {
  return junitDocument(
    runs.map((run) => (run.result === undefined ? suiteOfNone(run) : junitSuite(run.result, objectives))),
  );
}

function suiteOfNone(run: OneOfMany): Suite {
  const name = escapeXml(oneLine(run.file, 200));
  const body = element('error', 'not-run', reasonOf(run), reasonOf(run));
  const counts = { tests: 1, failures: 0, errors: 1, seconds: 0 };
  const lines = [
    `<testsuite name="${name}" tests="1" failures="0" errors="1" skipped="0" time="0.000">`,
    `<testcase classname="${name}" name="harness" file="${escapeXml(oneLine(run.file, 500))}" time="0">${body}</testcase>`,
    '</testsuite>',
  ];
  return { lines, counts };
}

/** All of them as a table, each with its report. */
export function renderTogetherMarkdown(runs: readonly OneOfMany[]): string {
  const rows = runs.map((run) => {
    const report = run.report === undefined ? '' : fileLink('report', run.report);
    return row(verdictOf(run), code(run.file), reasonOf(run), report);
  });
  return `${textOf([md`| Verdict | Scenario | Reason | |`, md`| --- | --- | --- | --- |`, ...rows])}\n`;
}
