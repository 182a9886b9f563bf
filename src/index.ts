/// <reference types="node" preserve="true" />
/**
 * faultline as a library: run a scenario from a test or a script and look at what it found.
 *
 * @example
 * import { expect, use } from 'chai';
 * import { faultlineChai, runScenario } from 'faultline';
 * use(faultlineChai);
 * const run = await runScenario('scenarios/service-failover.yaml');
 * expect(run).to.failOver('mockb', { from: { zone: 'ap-northeast-1a' }, to: { zone: 'ap-northeast-1b' } });
 */
export type { ObjectiveName as Objective } from './analysis/objectives/index.ts';
export { describeRun } from './app/drill/describe-run.ts';
export type { FinishedRun } from './app/drill/run-scenario.ts';
export { type LibraryOptions, openRun, runScenario } from './app/library.ts';
export { faultlineChai, type Judged } from './assert/chai.ts';
export { ERROR_CODES, type ErrorCode, FaultlineError } from './model/errors.ts';
export { EXIT } from './model/exit.ts';
export type { Finding, Verdict } from './model/finding.ts';
export type { RunResult } from './model/result.ts';
