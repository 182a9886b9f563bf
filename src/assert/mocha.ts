import { AssertionError } from 'chai';
import type { RunResult } from '../model/result.ts';
import type { Answer } from './answer.ts';
import { judgePass, judgePutBack } from './judge.ts';

/** The two globals of mocha that the bridge needs. */
type Suite = {
  describe(title: string, body: () => void): unknown;
  it(title: string, body: (this: { timeout?(ms: number): unknown } | undefined) => Promise<void>): unknown;
};

/** A run, and where its report is when that is known. */
type Run = { readonly result: RunResult; readonly folder?: { readonly html: string } };

/**
 * A suite for one run: the first test runs it and says whether the objectives held, the second whether everything was
 * put back. `run` is only called when the suite runs. There is no time limit unless one is given: a run ends by itself,
 * and its faults must be undone first.
 */
export function describeRun(
  title: string,
  run: () => Promise<Run>,
  suite: Suite = globalThis as unknown as Suite,
  timeoutMs = 0,
): void {
  let pending: Promise<Run> | undefined;
  const demand = async (judge: (result: RunResult) => Answer) => {
    pending ??= run();
    const { result, folder } = await pending;
    const { holds, because } = judge(result);
    if (!holds) throw new AssertionError(folder === undefined ? because : `${because}\nreport: ${folder.html}`);
  };
  suite.describe(title, () => {
    suite.it('holds its objectives', async function () {
      this?.timeout?.(timeoutMs);
      await demand(judgePass);
    });
    suite.it('leaves nothing behind', async function () {
      this?.timeout?.(timeoutMs);
      await demand(judgePutBack);
    });
  });
}
