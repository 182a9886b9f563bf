import type { RunResult } from '../model/result.ts';
import type { Place } from '../model/scenario.ts';
import { parseDuration } from '../model/units.ts';
import { type Answer, judgeFailover, judgePass, judgePutBack, judgeRecovery } from './judge.ts';

/** What the assertions work on: a finished run, or its result alone. */
export type Judged = { readonly result: RunResult } | RunResult;

declare global {
  namespace Chai {
    interface Assertion {
      /** The callers in a zone were taken over by the given place: `failOver('mockb').from({zone: 'a'}).to({zone: 'b'})`. */
      failOver(service: string): { from(zone: { zone: string }): { to(place: Place): void } };
      /** Every impacted path recovered within the duration, the whole measured interval included. */
      recoverWithin(duration: string): Assertion;
      /** Everything that the run touched was put back, and nothing still carries its mark. */
      leaveNothingBehind(): Assertion;
      /** The run's verdict is pass. */
      holdItsObjectives(): Assertion;
    }
  }
}

/**
 * Chai plugin for finished runs: `use(faultlineChai)`. A question that the run cannot answer (too few samples, a fault
 * that was not proven) fails the assertion and its negation alike.
 */
export const faultlineChai: Chai.ChaiPlugin = (chai, utils) => {
  const check = (assertion: Chai.AssertionStatic, answer: Answer) => {
    if (answer.known) {
      assertion.assert(answer.holds, answer.because, `expected otherwise, but: ${answer.because}`, undefined);
      return;
    }
    throw new chai.AssertionError(`cannot be decided: ${answer.because}`);
  };
  const define = (name: string, judge: (result: RunResult, argument: string) => Answer) => {
    chai.Assertion.addMethod(name, function (this: Chai.AssertionStatic, argument: string) {
      check(this, judge(resultOf(utils.flag(this, 'object')), argument));
    });
  };
  define('recoverWithin', (result, duration) => judgeRecovery(result, millisOf(duration)));
  define('leaveNothingBehind', judgePutBack);
  define('holdItsObjectives', judgePass);
  chai.Assertion.addMethod('failOver', function (this: Chai.AssertionStatic, service: string) {
    const result = resultOf(utils.flag(this, 'object'));
    const from = ({ zone }: { zone: string }) => ({
      to: (place: Place) => check(this, judgeFailover(result, service, zone, place)),
    });
    return { from } as unknown as Chai.AssertionStatic;
  });
};

function resultOf(value: unknown): RunResult {
  const run = value as Judged | undefined;
  if (run !== undefined && run !== null && typeof run === 'object') {
    if ('result' in run) return run.result;
    if ('format' in run && run.format === 'faultline/result/v1') return run;
  }
  throw new TypeError('expected a finished faultline run or its result');
}

function millisOf(duration: string): number {
  const millis = parseDuration(duration);
  if (millis === undefined) throw new TypeError(`${JSON.stringify(duration)} is no duration such as '5s' or '250ms'`);
  return millis;
}
