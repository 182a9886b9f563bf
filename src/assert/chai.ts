import { PLACE_KINDS } from '../model/place.ts';
import type { RunResult } from '../model/result.ts';
import { type Millis, parseDuration } from '../model/units.ts';
import type { Answer } from './answer.ts';
import { type Failover, judgeFailover } from './failover.ts';
import { judgeFinding, judgeObjective, judgePass, judgePutBack } from './judge.ts';
import { judgeRecovery } from './recovery.ts';

/** What the assertions work on: a finished run, or its result alone. */
export type Judged = { readonly result: RunResult; readonly folder?: { readonly html: string } } | RunResult;

declare global {
  namespace Chai {
    interface Assertion {
      /**
       * The callers of a service in a zone were taken over by the given place, in the declared order:
       * `failOver('mockb', { from: { zone: 'a' }, to: { zone: 'b' } })`.
       */
      failOver(service: string, failover: Failover): Assertion;
      /** Every impacted path recovered within the duration, the whole measured interval included. */
      recoverWithin(duration: string): Assertion;
      /** No more errors than the scenario's `errorBudget` allows. */
      stayWithinBudget(): Assertion;
      /** Nobody outside the scenario's `unaffected.except` noticed the fault. */
      leaveOthersAlone(): Assertion;
      /** The calling proxies ejected as the scenario's `ejections` promise. */
      ejectAsPromised(): Assertion;
      /** Calls came home again within the scenario's `failback`. */
      failBack(): Assertion;
      /** Answers were as fast as the scenario's `latency` promises. */
      keepLatency(): Assertion;
      /** The finding of this id passed: any that the report has, such as `recoveryTime/entry@tokyo/ap-northeast-1a`. */
      passFinding(id: string): Assertion;
      /** Everything that the run touched was put back, and nothing still carries its mark. */
      leaveNothingBehind(): Assertion;
      /** The run's verdict is pass. */
      holdItsObjectives(): Assertion;
    }
  }
}

/**
 * Chai plugin for finished runs: `use(faultlineChai)`. The answers are those of the findings, never greener: a question
 * that the run cannot answer (too few samples, a fault that was not proven, a run that did not complete, a name that
 * nobody knows) fails the assertion and its negation alike. A question that is not put whole throws a TypeError.
 */
export const faultlineChai: Chai.ChaiPlugin = (chai, utils) => {
  const ask = (assertion: Chai.AssertionStatic, judge: (result: RunResult) => Answer) => {
    const { result, report } = judgedOf(utils.flag(assertion, 'object'));
    const answer = judge(result);
    const where = report === undefined ? '' : `\nreport: ${report}`;
    const otherwise = answer.holds ? `expected otherwise, but: ${answer.because}` : answer.because;
    const isNegated = utils.flag(assertion, 'negate') === true;
    assertion.assert(
      isNegated ? !answer.fails : answer.holds,
      `${answer.because}${where}`,
      `${otherwise}${where}`,
      undefined,
    );
  };
  chai.Assertion.addMethod('failOver', function (this: Chai.AssertionStatic, service: unknown, failover: unknown) {
    const question = failoverOf(service, failover);
    ask(this, (result) => judgeFailover(result, question.service, question.failover));
  });
  chai.Assertion.addMethod('recoverWithin', function (this: Chai.AssertionStatic, duration: unknown) {
    const within = millisOf(duration);
    ask(this, (result) => judgeRecovery(result, within));
  });
  chai.Assertion.addMethod('passFinding', function (this: Chai.AssertionStatic, id: unknown) {
    if (typeof id !== 'string') throw new TypeError("passFinding needs an id: passFinding('putBack/clusters')");
    ask(this, (result) => judgeFinding(result, id));
  });
  /** Asked at the word already: `to.leaveNothingBehind` without its parentheses must not pass in silence. */
  const define = (name: string, judge: (result: RunResult) => Answer) => {
    const method = function (this: Chai.AssertionStatic) {
      ask(this, judge);
    };
    chai.Assertion.addChainableMethod(name, method, method);
  };
  define('stayWithinBudget', (result) => judgeObjective(result, 'errorBudget', 'errors'));
  define('leaveOthersAlone', (result) => judgeObjective(result, 'unaffected', 'others'));
  define('ejectAsPromised', (result) => judgeObjective(result, 'ejections', 'ejections'));
  define('failBack', (result) => judgeObjective(result, 'failback', 'the way back'));
  define('keepLatency', (result) => judgeObjective(result, 'latency', 'latency'));
  define('leaveNothingBehind', judgePutBack);
  define('holdItsObjectives', judgePass);
};

function judgedOf(value: unknown): { result: RunResult; report: string | undefined } {
  const run = value as Judged | undefined;
  if (run !== undefined && run !== null && typeof run === 'object') {
    if ('result' in run) return { result: run.result, report: run.folder?.html };
    if ('format' in run && run.format === 'faultline/result/v1') return { result: run, report: undefined };
  }
  throw new TypeError('expected a finished faultline run or its result; is an `await` missing?');
}

function millisOf(duration: unknown): Millis {
  const millis = typeof duration === 'string' ? parseDuration(duration) : undefined;
  if (millis === undefined) throw new TypeError(`${JSON.stringify(duration)} is no duration such as '5s' or '250ms'`);
  return millis;
}

function failoverOf(service: unknown, failover: unknown): { service: string; failover: Failover } {
  const { from, to } = (failover ?? {}) as { from?: { zone?: unknown }; to?: { [kind: string]: unknown } };
  const named = PLACE_KINDS.filter((kind) => typeof to?.[kind] === 'string');
  const isPlace = named.length === 1 || named.join() === 'zone,cluster';
  if (typeof service === 'string' && typeof from?.zone === 'string' && isPlace)
    return { service, failover: failover as Failover };
  throw new TypeError(
    `failOver needs a service and both places: failOver('mockb', { from: { zone: 'a' }, to: { zone: 'b' } }); to may name a ${PLACE_KINDS.join(', ')}`,
  );
}
