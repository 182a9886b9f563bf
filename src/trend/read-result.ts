import { exitCode } from '../model/exit.ts';
import type { RunResult } from '../model/result.ts';
import { visibleLine } from '../model/visible.ts';
import { schemaProblem } from '../report/check-result.ts';

/** What is wrong with the parsed text of a result, with the field where it is one; undefined where it is one of this version. */
export function resultProblem(json: unknown): string | undefined {
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined;
  if (typeof format !== 'string' || !format.startsWith('faultline/result/')) return 'not a result of faultline';
  if (format !== 'faultline/result/v1') return visibleLine(`a result of another version (${format})`);
  const problem = schemaProblem(json) ?? strangeNumber(json as RunResult);
  if (problem !== undefined) return visibleLine(problem);
  return isCoherent(json as RunResult) ? undefined : 'its exit code is not that of its status and verdict';
}

/** What no schema says: numbers that must fit others. */
function strangeNumber({ startedAt, run, findings }: RunResult): string | undefined {
  if (!Number.isFinite(Date.parse(startedAt))) return 'startedAt is no time';
  if (!(run.scenario.load.ratePerSecond > 0)) return 'run.scenario.load.ratePerSecond is no rate';
  const wrong = findings.findIndex(({ measured }) => measured?.hi != null && measured.hi < measured.lo);
  if (wrong !== -1) return `findings.${wrong}.measured ends before it begins`;
  return undefined;
}

/** The exit code of a run that completed follows from the rest of it, and whatever is left behind is 5. */
function isCoherent({ status, verdict, putBack, exitCode: code }: RunResult): boolean {
  const isPutBack = putBack.state !== 'incomplete';
  const expected = exitCode({ status, verdict, putBack: isPutBack });
  return code === expected || (isPutBack && status === 'interrupted' && code > 128);
}

/** What is kept of a result that was read from `path`. */
export type Keep<T> = (result: RunResult, path: string) => T;

/** Reads a parsed result; `problem` says why it is none. */
export function readRun<T>(json: unknown, path: string, keep: Keep<T>): { run: T } | { problem: string } {
  const problem = resultProblem(json);
  return problem === undefined ? { run: keep(json as RunResult, path) } : { problem };
}

/** Parses the text of a file. */
export function parseFile(text: string): { json: unknown } | { problem: string } {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return { problem: text.trim() === '' ? 'empty' : 'not JSON: torn, or something else' };
  }
}
