import { expect } from 'chai';
import { putBackOf } from '../../analysis/objectives/put-back.ts';
import { readFacts } from '../../analysis/timeline/history.ts';
import { EXIT, exitCode } from '../../model/exit.ts';
import { Process } from '../testing/crash/process.ts';
import { Journals, openedBy, recoverHere, run } from '../testing/crash/steps.ts';
import { type Drill, drills, onSystem, RUN, System } from '../testing/crash/system.ts';
import { TROUBLES, TroubledClient } from '../testing/crash/troubles.ts';

/** How many troubles; `npm run test:crash` takes all of them. */
const CASES = Number(process.env.FAULTLINE_KILLS ?? 60);
/** A run of 3 s whose request hangs, whose undo waits for a write that may come, and whose cluster is searched. */
const LONGEST_S = 300;
/** Short: most of the requests are to be those that inject and undo, and not the looks between them. */
const HOLD_MS = 1_000;
/** Visits requests and troubles with this stride, so that a few cases are spread over all of them. */
const STRIDE = 10_007;

type Case = { readonly drill: Drill; readonly at: number; readonly trouble: (typeof TROUBLES)[number] };
type Ended = { readonly code: number; readonly requests: number; readonly isEqual: boolean };

async function live({ drill, at, trouble }: Case, journals: Journals): Promise<Ended> {
  const system = new System();
  const before = system.snapshot();
  const runner = new Process(RUN, system.clock);
  const client = new TroubledClient(system.clock, trouble, at);
  const planned = onSystem(drill, system, (cluster) => runner.reach(client.reach(cluster)));
  const { end, events } = await run(planned, runner);
  if (end === 'dead') throw new Error('nobody has killed it');
  expect(system.clock.now() / 1e6, 'how long it took').to.be.below(LONGEST_S);
  const { requests } = client;
  expect(end.status, end.reason ?? '').to.be.oneOf(['completed', 'refused', 'aborted']);
  const putBack = putBackOf(readFacts(events), 'pass');
  const code = exitCode({ status: end.status, verdict: 'pass', putBack: putBack.state !== 'incomplete' });
  // What was still on its way has come by then.
  await system.clock.sleep(60_000);
  const isEqual = JSON.stringify(system.snapshot()) === JSON.stringify(before);
  if (code !== EXIT.undoIncomplete) expect(system.snapshot(), `exit code ${code}: ${end.reason}`).to.deep.equal(before);
  const folder = journals.keep(openedBy(planned), runner.entries);
  expect(await recoverHere(folder, system, new Process('recover', system.clock))).to.equal('clean');
  expect(system.snapshot(), 'recovered').to.deep.equal(before);
  return { code, requests, isEqual };
}

describe('an error at the n-th request', function () {
  this.timeout(1_200_000);
  let journals: Journals;
  before(() => {
    journals = new Journals();
  });
  after(() => journals.remove());

  it(`leaves nothing, or says so, in bounded time: ${CASES} of them`, async () => {
    const alone = (await drills(HOLD_MS)).filter(({ planned }) => planned.faults.length === 1);
    const counts = new Map<string, number>();
    const failures: string[] = [];
    const cases: Case[] = [];
    for (const drill of alone) {
      const { requests } = await live({ drill, at: 0, trouble: TROUBLES[0] as Case['trouble'] }, journals);
      for (let at = 1; at <= requests; at++) cases.push(...TROUBLES.map((trouble) => ({ drill, at, trouble })));
    }
    expect(cases.length, 'or nothing was injected').to.be.above(5_000);
    for (let visit = 0; visit < Math.min(CASES, cases.length); visit++) {
      const one = cases[(visit * STRIDE) % cases.length] as Case;
      try {
        const { code, isEqual } = await live(one, journals);
        const key = `exit code ${code}${code === EXIT.undoIncomplete && isEqual ? ' though nothing was left' : ''}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      } catch (error) {
        failures.push(`${one.drill.title}, request ${one.at}, ${one.trouble.what}: ${(error as Error).message}`);
      }
    }
    console.log(`      of ${cases.length} cases: ${JSON.stringify(Object.fromEntries(counts))}`);
    expect(failures).to.deep.equal([]);
  });
});
