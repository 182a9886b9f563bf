import { expect } from 'chai';
import { STAGED_KINDS } from '../../faults/testing/staged.ts';
import { isForDeadMan } from '../dead-man/needs.ts';
import { Process } from '../testing/crash/process.ts';
import { run } from '../testing/crash/steps.ts';
import { type Drill, drillOf, onSystem, RUN, System } from '../testing/crash/system.ts';
import { DeadManHost } from '../testing/dead-man-host.ts';

/** How many kills; `npm run test:crash` takes more. */
const CASES = Number(process.env.FAULTLINE_KILLS ?? 30) / 3;
const DEAD_MAN = { image: 'registry.example/faultline:1', serviceAccount: 'faultline-dead-man' };
/** A minute of silence, which it has to watch, what a write may be late by, and the undo. */
const LONGEST_S = 600;
/** Steps are visited with this stride, so that a few kills are spread over all of a run. */
const STRIDE = 10_007;

describe('a run that dies and is recovered by nobody but the dead-man', function () {
  this.timeout(1_200_000);
  const all: { readonly drill: Drill; readonly steps: number }[] = [];

  before(async () => {
    for (const kind of STAGED_KINDS) {
      const drill = await drillOf([kind], { deadMan: DEAD_MAN });
      if (drill.planned.faults.every(isForDeadMan)) all.push({ drill, steps: await stepsOf(drill) });
    }
  });

  /** A whole run, whose dead-man has nothing to do. */
  async function stepsOf(drill: Drill): Promise<number> {
    const { system, host, runner, ended, before } = begin(drill);
    expect((await ended).end, drill.title).to.deep.equal({ status: 'completed' });
    await overIn(system, host);
    expect([host.ends, host.said], drill.title).to.deep.equal([[true], []]);
    expect(system.snapshot(), drill.title).to.deep.equal(before);
    return runner.steps;
  }

  function begin(drill: Drill, killAt = Number.POSITIVE_INFINITY) {
    const system = new System();
    const before = system.snapshot();
    const { clock } = system;
    const [[name = ''] = []] = drill.planned.faults.map(({ plan }) => [plan.cluster]);
    const host = new DeadManHost(system.cluster(name), clock);
    const runner = new Process(RUN, system, { killAt });
    const planned = onSystem(drill, system, runner, (cluster) => (cluster.name === name ? host.seen : cluster));
    return { system, host, runner, before, ended: run(planned, runner) };
  }

  async function overIn({ clock }: System, host: DeadManHost): Promise<void> {
    for (let seconds = 0; seconds < LONGEST_S && host.ends.length === 0; seconds++) await clock.sleep(1_000);
    host.stop.abort();
  }

  it(`leaves its clusters as they were once a fault may be on: ${CASES} kills`, async () => {
    const failures: string[] = [];
    let injected = 0;
    for (let visit = 0; visit < CASES; visit++) {
      const { drill, steps } = all[visit % all.length] as (typeof all)[number];
      const killAt = 1 + ((visit * STRIDE) % steps);
      const { system, host, runner, ended, before } = begin(drill, killAt);
      expect((await ended).end).to.equal('dead');
      await overIn(system, host);
      const mayBeOn = runner.entries.some(({ state }) => state === 'intent');
      if (!mayBeOn) continue;
      injected++;
      try {
        expect(system.snapshot()).to.deep.equal(before);
        expect(system.wrongs).to.deep.equal([]);
      } catch (error) {
        failures.push(`${drill.title}, killed at ${killAt}: ${(error as Error).message}`);
      }
    }
    console.log(`      ${all.length} kinds, ${injected} with a fault that may have been on`);
    expect(failures).to.deep.equal([]);
    expect(injected).to.be.above(CASES / 4);
  });
});
