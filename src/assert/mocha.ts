import { AssertionError } from 'chai';
import type { RunResult } from '../model/result.ts';
import { judgePutBack } from './judge.ts';

/** The two globals of mocha that the bridge needs; vitest and jest have them too. */
type Suite = {
  describe(title: string, body: () => void): unknown;
  it(title: string, body: (this: { timeout?(ms: number): unknown }) => Promise<void>): unknown;
};

/**
 * A suite for one run: the first test runs it, then one test says whether the objectives held and one whether
 * everything was put back. `run` is only called when the suite runs.
 */
export function describeRun(
  title: string,
  run: () => Promise<{ readonly result: RunResult }>,
  suite: Suite = globalThis as unknown as Suite,
  timeoutMs = 600_000,
): void {
  let pending: Promise<{ readonly result: RunResult }> | undefined;
  const finished = () => {
    pending ??= run();
    return pending;
  };
  suite.describe(title, () => {
    suite.it('holds its objectives', async function () {
      this.timeout?.(timeoutMs);
      const { result } = await finished();
      if (result.verdict === 'pass' && result.status === 'completed') return;
      const bad = result.findings.filter((finding) => finding.verdict !== 'pass');
      const list = bad.map((finding) => `${finding.verdict} ${finding.id}: ${finding.story}`);
      throw new AssertionError([`${result.status}, verdict ${result.verdict}: ${result.reason}`, ...list].join('\n'));
    });
    suite.it('leaves nothing behind', async function () {
      this.timeout?.(timeoutMs);
      const putBack = judgePutBack((await finished()).result);
      if (!putBack.known || !putBack.holds) throw new AssertionError(putBack.because);
    });
  });
}
