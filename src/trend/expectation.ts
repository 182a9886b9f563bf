import { FaultlineError } from '../model/errors.ts';
import { EXIT } from '../model/exit.ts';
import type { Finding, Verdict } from '../model/finding.ts';

/** How a run must end: for drills that must fail, too. */
export type Expectation = {
  readonly verdict: Verdict;
  /** With `fail`: objectives, or ids of findings; what fails must be all of these and nothing else. Empty: anything. */
  readonly findings: readonly string[];
  /** These may fail as well, and need not. */
  readonly besides: readonly string[];
};

const VERDICTS: readonly string[] = ['pass', 'fail', 'inconclusive'] satisfies readonly Verdict[];

/** Behind the name of what may fail as well. */
const MAY = '?';

/**
 * Reads `pass`, `fail`, `inconclusive` or `fail:errorBudget,recoveryTime,steadyState?`. Throws USAGE for any other text, and for an
 * objective that is none of `objectives`.
 */
export function parseExpectation(text: string, objectives: readonly string[]): Expectation {
  const [verdict = '', ...rest] = text.split(':');
  const listed = rest.join(':');
  const named = rest.length === 0 ? [] : listed.split(',').map((name) => name.trim());
  const besides = named.filter((name) => name.endsWith(MAY)).map((name) => name.slice(0, -MAY.length));
  const findings = named.filter((name) => !name.endsWith(MAY));
  const hint = 'pass, fail, inconclusive, or fail:errorBudget with what must fail';
  if (!VERDICTS.includes(verdict)) throw new FaultlineError('USAGE', `--expect ${text}: no such outcome`, { hint });
  if (named.length > 0 && verdict !== 'fail')
    throw new FaultlineError('USAGE', `--expect ${text}: only a fail has findings that fail`, { hint });
  if (named.length > 0 && findings.length === 0)
    throw new FaultlineError('USAGE', `--expect ${text}: it names nothing that must fail`, { hint });
  const unknown = [...findings, ...besides].find((name) => !objectives.includes(name.split('/')[0] ?? ''));
  if (unknown !== undefined) {
    const known = `What can fail: ${[...new Set(objectives)].join(', ')}`;
    throw new FaultlineError('USAGE', `--expect ${text}: no finding is called "${unknown}"`, { hint: known });
  }
  return { verdict: verdict as Verdict, findings, besides };
}

export function expectationText({ verdict, findings, besides }: Expectation): string {
  if (findings.length === 0) return verdict;
  return `${verdict}:${[...findings, ...besides.map((name) => `${name}${MAY}`)].join(',')}`;
}

type Ended = { readonly exitCode: number; readonly findings: readonly Pick<Finding, 'id' | 'objective' | 'verdict'>[] };

const CODES: Readonly<Record<Verdict, number>> = {
  pass: EXIT.pass,
  fail: EXIT.objectiveFailed,
  inconclusive: EXIT.inconclusive,
};

/** Whether a run has ended exactly so. One that was not judged to its end, or has left something, never has. */
export function isAsExpected({ exitCode, findings }: Ended, expected: Expectation): boolean {
  if (exitCode !== CODES[expected.verdict]) return false;
  if (expected.findings.length === 0) return true;
  const failed = findings.filter(({ verdict }) => verdict === 'fail');
  const isCalled = ({ id, objective }: Ended['findings'][number], name: string) => name === id || name === objective;
  return (
    failed.every((finding) => [...expected.findings, ...expected.besides].some((name) => isCalled(finding, name))) &&
    expected.findings.every((name) => failed.some((finding) => isCalled(finding, name)))
  );
}

/**
 * The exit code where an outcome was expected: 0 for exactly that, else that an objective failed, or that it is
 * inconclusive. Every other code says that something went wrong, and stays.
 */
export function expectedCode(code: number, isExpected: boolean): number {
  if (!Object.values(CODES).includes(code)) return code;
  if (isExpected) return EXIT.pass;
  return code === EXIT.inconclusive ? code : EXIT.objectiveFailed;
}
