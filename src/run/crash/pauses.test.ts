import { expect } from 'chai';
import { putBackOf } from '../../analysis/objectives/put-back.ts';
import { readFacts } from '../../analysis/timeline/history.ts';
import { STAGED_KINDS } from '../../faults/testing/staged.ts';
import { Process } from '../testing/crash/process.ts';
import { type RecoverySaid, recoverElsewhere, run } from '../testing/crash/steps.ts';
import { type Drill, drillOf, onSystem, RUN, System } from '../testing/crash/system.ts';
import { randomOf } from '../testing/random.ts';

/** How many runs; `npm run test:crash` takes more. */
const CASES = Number(process.env.FAULTLINE_KILLS ?? 24) / 2;
/** A run is over within this time, save what it waits for. */
const RUN_MS = 20_000;
/** A lease that was silent for 60 s is taken over: some stops are shorter, some longer. */
const STOP_MS = 200_000;
/** Steps within which most of the drills are stopped. */
const STEPS = 40;

/** A recovery of all clusters from elsewhere, begun so much later, and begun anew while somebody holds one of them. */
async function recoverLater(system: System, process: Process, afterMs: number, tries: number): Promise<RecoverySaid> {
  await system.clock.sleep(afterMs);
  let said: RecoverySaid = 'held';
  for (let at = 0; at < tries && said === 'held'; at++) {
    said = await recoverElsewhere(system, process);
    if (said === 'held') await system.clock.sleep(10_000);
  }
  return said;
}

describe('a run and a recovery at the same time', function () {
  this.timeout(1_200_000);
  let all: Drill[];
  before(async () => {
    all = await Promise.all(STAGED_KINDS.map((kind) => drillOf([kind])));
  });

  /** Lives so many cases, each of the next drill; what was wrong with any. */
  async function liveAll(seed: number, live: (drill: Drill, random: () => number) => Promise<void>): Promise<void> {
    const failures: string[] = [];
    const random = randomOf(seed);
    for (let visit = 0; visit < CASES; visit++) {
      const drill = all[visit % all.length] as Drill;
      await live(drill, random).catch((error: Error) => failures.push(`${visit} ${drill.title}: ${error.message}`));
    }
    expect(failures).to.deep.equal([]);
  }

  it(`leaves a run that lives alone: ${CASES} of them`, async () => {
    await liveAll(1, async (drill, random) => {
      const system = new System();
      const before = system.snapshot();
      const runner = new Process(RUN, system);
      const recovery = recoverLater(system, new Process('recover', system), random() * RUN_MS, 1);
      const { end, events } = await run(onSystem(drill, system, runner), runner);
      expect(end).to.deep.equal({ status: 'completed' });
      expect(putBackOf(readFacts(events), 'pass').state).to.be.oneOf(['put-back', 'nothing-injected']);
      expect(await recovery).to.be.oneOf(['held', 'clean']);
      expect(system.snapshot()).to.deep.equal(before);
      expect(system.wrongs).to.deep.equal([]);
    });
  });

  it(`never writes without the lease, whichever of the two was stopped for a while: ${CASES} of them`, async () => {
    let stops = 0;
    await liveAll(2, async (drill, random) => {
      const system = new System();
      const before = system.snapshot();
      const fate = () => ({ pauseAt: 1 + Math.floor(random() * STEPS), pauseMs: random() * STOP_MS });
      const runner = new Process(RUN, system, fate());
      const recoverer = new Process('recover', system, random() < 0.5 ? fate() : {});
      const recovery = recoverLater(system, recoverer, random() * RUN_MS, 5);
      // Who may take the cluster from a recovery that is stopped.
      const another = recoverLater(system, new Process('recover-another', system), RUN_MS + random() * STOP_MS, 5);
      const { end } = await run(onSystem(drill, system, runner), runner);
      if (end === 'dead') throw new Error('nobody has killed it');
      if (end.status !== 'completed') stops++;
      await Promise.all([recovery, another]);
      expect(system.wrongs).to.deep.equal([]);
      expect(await recoverLater(system, new Process('recover-last', system), 0, 20)).to.equal('clean');
      expect(system.snapshot()).to.deep.equal(before);
    });
    expect(stops, 'runs that have lost a lease').to.be.above(CASES / 20);
  });
});
