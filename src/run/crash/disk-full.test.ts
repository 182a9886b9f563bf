import { expect } from 'chai';
import { putBackOf } from '../../analysis/objectives/put-back.ts';
import { readFacts } from '../../analysis/timeline/history.ts';
import { Process } from '../testing/crash/process.ts';
import { Journals, openedBy, recoverHere, run } from '../testing/crash/steps.ts';
import { type Drill, drills, onSystem, RUN, System } from '../testing/crash/system.ts';

/** How many runs; `npm run test:crash` takes more. */
const CASES = Number(process.env.FAULTLINE_KILLS ?? 24);
/** Entries are visited with this stride, so that a few are spread over a whole journal. */
const STRIDE = 10_007;
const HOLD_MS = 1_000;

describe('a disk that is full from one entry of the journal on', function () {
  this.timeout(1_200_000);
  let journals: Journals;
  before(() => {
    journals = new Journals();
  });
  after(() => journals.remove());

  /** Runs, and resolves to how it has ended and how many entries its journal has. */
  async function live(drill: Drill, fullAt: number): Promise<{ status: string; entries: number }> {
    const system = new System();
    const before = system.snapshot();
    const runner = new Process(RUN, system, { fullAt });
    const planned = onSystem(drill, system, runner);
    const { end, events } = await run(planned, runner);
    if (end === 'dead') throw new Error('nobody has killed it');
    const { state } = putBackOf(readFacts(events), 'pass');
    expect([end.status, state]).to.be.deep.oneOf([
      ['completed', 'put-back'],
      ['completed', 'nothing-injected'],
      ['refused', 'nothing-injected'],
      ['failed', 'put-back'],
    ]);
    expect(system.snapshot()).to.deep.equal(before);
    const told = [...events.flatMap((event) => (event.type === 'notice' ? [event.text] : [])), end.reason ?? ''];
    const isFull = fullAt < Number.POSITIVE_INFINITY;
    expect(
      told.some((text) => text.includes('no space left on the device')),
      told.join('; '),
    ).to.equal(isFull);
    const folder = journals.keep(openedBy(planned), runner.entries);
    const writes = system.writes();
    expect(await recoverHere(folder, system, new Process('recover', system))).to.equal('clean');
    expect(system.writes(), 'writes of a recovery with nothing to undo').to.equal(writes);
    expect(system.wrongs).to.deep.equal([]);
    return { status: end.status, entries: runner.entries.length };
  }

  it(`keeps no fault from being undone, and is told: ${CASES} runs`, async () => {
    const all = await drills(HOLD_MS);
    const whole = await Promise.all(all.map((drill) => live(drill, Number.POSITIVE_INFINITY)));
    const counts = new Map<string, number>();
    const failures: string[] = [];
    for (let visit = 0; visit < CASES; visit++) {
      const drill = all[visit % all.length] as Drill;
      const { entries = 1 } = whole[visit % all.length] ?? {};
      const fullAt = 1 + ((visit * STRIDE) % entries);
      const status = await live(drill, fullAt).then(
        (end) => end.status,
        (error: Error) => {
          failures.push(`${drill.title}, full at entry ${fullAt}: ${error.message}`);
          return 'not as it must';
        },
      );
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    console.log(`      ${JSON.stringify(Object.fromEntries(counts))}`);
    expect(failures).to.deep.equal([]);
    for (const status of ['refused', 'failed', 'completed']) expect(counts.get(status), status).to.be.above(0);
  });
});
