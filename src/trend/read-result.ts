import { exitCode } from '../model/exit.ts';
import type { RunResult } from '../model/result.ts';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
const isOneOf =
  (...words: readonly string[]) =>
  (value: unknown) =>
    words.includes(value as string);
const isList = (value: unknown, isItem: (item: Json) => boolean): boolean =>
  Array.isArray(value) && value.every((item) => isObject(item) && isItem(item));
const isVerdict = isOneOf('pass', 'fail', 'inconclusive');

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((part, key) => (isObject(part) ? part[key] : undefined), value);
}

function isSpan(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isObject(value) || !Number.isFinite(value.lo)) return false;
  return value.hi === null || (Number.isFinite(value.hi) && Number(value.hi) >= Number(value.lo));
}

const isFinding = ({ id, objective, verdict, measured }: Json): boolean =>
  isText(id) && isText(objective) && isVerdict(verdict) && isSpan(measured);

/** What must be there to look at a run among many, and what it must be. */
const CHECKS: readonly (readonly [path: string, is: (value: unknown) => boolean])[] = [
  ['run.runId', isText],
  ['run.tool.version', isText],
  ['run.target.name', isText],
  ['run.target.kind', isText],
  ['run.versions', (value) => isObject(value) && Object.values(value).every(isText)],
  ['run.scenario.name', isText],
  ['run.scenario.source.sha256', isText],
  ['run.scenario.load.ratePerSecond', (value) => Number(value) > 0],
  ['run.scenario.load.paths', (value) => isList(value, () => true)],
  ['startedAt', (value) => isText(value) && Number.isFinite(Date.parse(String(value)))],
  ['status', isOneOf('completed', 'aborted', 'refused', 'interrupted', 'failed')],
  ['verdict', isVerdict],
  ['exitCode', isCount],
  ['reason', isText],
  ['findings', (value) => isList(value, isFinding)],
  ['recoveries', (value) => isList(value, ({ state }) => isText(state))],
  ['putBack.state', isOneOf('put-back', 'incomplete', 'nothing-injected')],
  ['abortConditions', (value) => value === undefined || isList(value, () => true)],
  ['budget.good', isCount],
  ['budget.bad', isCount],
  ['budget.unknown', isCount],
  ['budget.paths', (value) => isList(value, ({ doubtful }) => isCount(doubtful))],
];

/** What is wrong with the parsed text of a result, or undefined. */
function resultProblem(json: unknown): string | undefined {
  const format = at(json, 'format');
  if (typeof format !== 'string' || !format.startsWith('faultline/result/')) return 'not a result of faultline';
  if (format !== 'faultline/result/v1') return `a result of another version (${format})`;
  const broken = CHECKS.find(([path, is]) => !is(at(json, path)));
  if (broken !== undefined) return `${broken[0]} is missing or not what it must be`;
  const result = json as RunResult;
  return isCoherent(result) ? undefined : 'its exit code is not that of its status and verdict';
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
