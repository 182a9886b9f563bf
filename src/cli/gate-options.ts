import { OBJECTIVES } from '../analysis/objectives/index.ts';
import { FaultlineError } from '../model/errors.ts';
import type { Scenario } from '../model/scenario.ts';
import {
  type Expectation,
  expectationText,
  expectedCode,
  isAsExpected,
  parseExpectation,
} from '../trend/expectation.ts';
import { hopeless } from '../trend/gate/gate.ts';
import { parseRequirements, type Requirements, type WrittenRequirements } from '../trend/gate/requirements.ts';
import type { Console } from './output.ts';

export type GateOptions = WrittenRequirements & { readonly expect?: string };

/** The expected outcome of the command line, where there is one. Throws USAGE. */
export function expectationOf(text: string | undefined): Expectation | undefined {
  const names = OBJECTIVES.map(({ name }) => name);
  return text === undefined ? undefined : parseExpectation(text, names);
}

/** Throws USAGE where an objective must fail that the scenario does not ask for: it never could. */
export function requireAsked(
  expected: Expectation | undefined,
  { name, expect }: Pick<Scenario, 'name' | 'expect'>,
): void {
  for (const finding of [...(expected?.findings ?? []), ...(expected?.besides ?? [])]) {
    const objective = finding.split('/')[0] ?? '';
    const isClause = OBJECTIVES.some((one) => one.name === objective && 'clause' in one);
    const asked = expect[objective];
    if (!isClause || (Array.isArray(asked) ? asked.length > 0 : asked !== undefined)) continue;
    throw new FaultlineError('USAGE', `--expect: ${finding} cannot fail: ${name} does not ask for it`, {
      hint: `Add expect.${objective} to the scenario, or expect what it asks for.`,
    });
  }
}

/** The requirements of the command line. Throws USAGE. */
export function requirementsOf({ expect, ...written }: GateOptions): Requirements {
  return parseRequirements(written, expectationOf(expect));
}

/**
 * What `run` is told to repeat; undefined where it is not. Throws USAGE where something is required of many runs and one is
 * asked for, and where no outcome of so many could show it.
 */
export function seriesOf({
  repeat,
  ...options
}: GateOptions & { repeat?: number }): { readonly times: number; readonly requirements: Requirements } | undefined {
  const requirements = requirementsOf(options);
  const { passRate, recovery, errors, confidence, maxInconclusive } = options;
  if (repeat === undefined) {
    const given = [passRate, recovery, errors, confidence, maxInconclusive].some((text) => text !== undefined);
    if (!given) return undefined;
    throw new FaultlineError('USAGE', 'something is required of many runs, and one was asked for', {
      hint: 'Add --repeat with the number of runs, or ask for it of recorded runs: faultline gate',
    });
  }
  const why = hopeless(repeat, requirements);
  if (why === undefined) return { times: repeat, requirements };
  throw new FaultlineError('USAGE', `--repeat ${repeat}: so many runs cannot show it: ${why}`, {
    hint: 'Repeat it more often, or require less.',
  });
}

type Ended = Parameters<typeof isAsExpected>[0];

/**
 * What a run or its analysis has come to as an exit code: its own, or, where an outcome was expected, whether it was that, which is
 * told.
 */
export function tellExpected(ended: Ended, expected: Expectation | undefined, out: Console): number {
  if (expected === undefined) return ended.exitCode;
  const isExpected = isAsExpected(ended, expected);
  out.say(`expected ${expectationText(expected)}: ${isExpected ? 'yes' : 'NO'}`);
  return expectedCode(ended.exitCode, isExpected);
}
