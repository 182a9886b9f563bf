import { expect } from 'chai';
import { describeRun } from './describe-run.ts';

/** The titles and time limits of the tests that a suite would have; none of them is run to its end. */
async function tests(define: () => void): Promise<[string, number | undefined, string][]> {
  const found: [string, number | undefined, string][] = [];
  const pending: Promise<void>[] = [];
  const { describe: suite, it: test } = globalThis;
  const fake = {
    describe: (_: string, body: () => void) => body(),
    it: (title: string, body: (this: object) => Promise<void>) => {
      let limit: number | undefined;
      const started = body.call({ timeout: (ms: number) => (limit = ms) });
      pending.push(
        started.then(
          () => found.push([title, limit, 'passed']),
          (error: Error) => found.push([title, limit, error.message]),
        ) as Promise<never>,
      );
    },
  };
  Object.assign(globalThis, fake);
  try {
    define();
  } finally {
    Object.assign(globalThis, { describe: suite, it: test });
  }
  await Promise.all(pending);
  return found;
}

describe('describeRun', () => {
  it('takes its time limit from the phases of the file, and none for a function', async () => {
    const stopped = { signal: AbortSignal.abort() };
    const limit = async (...set: string[]): Promise<number> => {
      const found = await tests(() => describeRun('a run', 'scenarios/service-failover.yaml', { ...stopped, set }));
      expect(found.map(([title]) => title)).to.have.members(['holds its objectives', 'leaves nothing behind']);
      expect(found[0]?.[2]).to.contain('stopped before it began');
      return found[0]?.[1] ?? 0;
    };
    const whole = await limit();
    expect(whole).to.be.above(50_000);
    expect((await limit('spec.phases.hold=125s')) - whole).to.equal(100_000);
    const plain = await tests(() => describeRun('a run', () => Promise.reject(new Error('mine'))));
    expect(plain[0]).to.deep.equal(['holds its objectives', 0, 'mine']);
  });

  it('says in its first test what is wrong with a file', async () => {
    const [first] = await tests(() => describeRun('a run', 'no-such.yaml'));
    expect(first?.[2]).to.contain('no-such.yaml does not exist');
  });
});
