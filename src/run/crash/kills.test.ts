import { expect } from 'chai';
import type { Random } from '../../model/ports.ts';
import { LOCK_NAMESPACE } from '../../model/target.ts';
import { leaseRef, plansRef } from '../lock-objects.ts';
import { Process } from '../testing/crash/process.ts';
import { Journals, openedBy, type RecoverySaid, recoverElsewhere, recoverHere, run } from '../testing/crash/steps.ts';
import { type Drill, drills, onSystem, RUN, System } from '../testing/crash/system.ts';
import { randomOf } from '../testing/random.ts';

/** How many kills; `npm run test:crash` takes more. */
const KILLS = Number(process.env.FAULTLINE_KILLS ?? 60);
/** A recovery that is killed is so within its first steps; beyond its last one it lives. */
const RECOVERY_STEPS = 16;
/** Steps of a run are visited with this stride, so that a few kills are spread over all of it. */
const STRIDE = 10_007;
/** How long an API server may work on a write: kube-apiserver --request-timeout. */
const LATEST_MS = 60_000;
const SLOWEST_MS = 5_000;
/** A write that comes late may be a renewal of a lease: whoever sees it is told to wait, and asks again. */
const PATIENCE = 4;

const LEASE = `Lease ${LOCK_NAMESPACE}/${leaseRef(LOCK_NAMESPACE).name}`;
const PLANS = `ConfigMap ${LOCK_NAMESPACE}/${plansRef(LOCK_NAMESPACE).name}`;

type KillCase = {
  readonly drill: Drill;
  readonly killAt: number;
  readonly lateMs: number | undefined;
  readonly isHere: boolean;
  /** Somebody has taken the plans away meanwhile: only marks tell of the run. */
  readonly arePlansGone: boolean;
  /** Somebody who knows that the run is dead has deleted its leases, to save the minute. */
  readonly isLeaseGone: boolean;
  /** How long controllers take for what follows from a write. */
  readonly slowMs: number;
  /** Steps at which the recoveries before the last one are killed. */
  readonly again: readonly number[];
};

type Steps = Pick<Process, 'sending' | 'changing'> & { readonly last: number };

/** Reaches the end of a case, and returns how many processes were killed on the way. */
async function live(
  { drill, killAt, lateMs, isHere, arePlansGone, isLeaseGone, slowMs, again }: KillCase,
  journals: Journals,
): Promise<number> {
  const system = new System();
  if (slowMs > 0) system.slowDown(slowMs);
  const before = system.snapshot();
  const runner = new Process(RUN, system, { killAt, lateMs });
  const planned = onSystem(drill, system, runner);
  expect((await run(planned, runner)).end).to.equal('dead');
  const folder = journals.keep(openedBy(planned), runner.entries);
  if (arePlansGone) for (const { objects } of system.clusters.values()) objects.delete(PLANS);
  if (isLeaseGone) for (const { objects } of system.clusters.values()) objects.delete(LEASE);
  const recoverBy = (process: Process): Promise<RecoverySaid> =>
    isHere ? recoverHere(folder, system, process) : recoverElsewhere(system, process);
  let kills = 1;
  for (const [at, step] of again.entries()) {
    const process = new Process(`recover-${at}`, system, { killAt: step, lateMs });
    const said = await recoverBy(process);
    if (said === 'clean') expect(system.snapshot(), 'said to be clean').to.deep.equal(before);
    if (process.isDead) kills++;
  }
  let last: RecoverySaid = 'held';
  for (let tries = 0; last === 'held' && tries < PATIENCE; tries++) {
    last = await recoverBy(new Process(`recover-last-${tries}`, system));
  }
  expect(last).to.equal('clean');
  expect(system.snapshot()).to.deep.equal(before);
  // What was on its way has come by then.
  if (lateMs !== undefined) await system.clock.sleep(LATEST_MS);
  expect(system.snapshot(), 'a minute later').to.deep.equal(before);
  const writes = system.writes();
  expect(await recoverHere(folder, system, new Process('recover-here', system))).to.equal('clean');
  expect(system.writes(), 'writes of a recovery with nothing to undo').to.equal(writes);
  expect(system.wrongs).to.deep.equal([]);
  return kills;
}

describe('killed at any step', function () {
  this.timeout(1_200_000);
  let all: Drill[];
  let steps: Steps[];
  let journals: Journals;
  before(async () => {
    journals = new Journals();
    all = await drills();
    steps = [];
    for (const drill of all) steps.push(await stepsOf(drill));
  });
  after(() => journals.remove());

  async function stepsOf(drill: Drill): Promise<Steps> {
    const system = new System();
    const before = system.snapshot();
    const runner = new Process(RUN, system);
    const planned = onSystem(drill, system, runner);
    const { end } = await run(planned, runner);
    expect(end, drill.title).to.deep.equal({ status: 'completed' });
    expect(system.snapshot(), drill.title).to.deep.equal(before);
    return { last: runner.steps, sending: runner.sending, changing: runner.changing };
  }

  function caseOf(visit: number, random: Random): KillCase {
    const index = visit % all.length;
    const drill = all[index] as Drill;
    const { last, sending, changing } = steps[index] as Steps;
    const isHere = random() < 0.5;
    const arePlansGone = !isHere && random() < 0.5;
    const again = Array.from({ length: Math.floor(random() * 3) }, () => 1 + Math.floor(random() * RECOVERY_STEPS));
    const at = (among: readonly number[]) => among[(visit * STRIDE) % among.length] ?? 1;
    const one = { drill, isHere, arePlansGone, isLeaseGone: false, slowMs: 0, lateMs: undefined, again };
    // Without its plans nobody knows what it may have sent.
    if (arePlansGone || random() < 0.5) {
      const slowMs = random() < 0.6 ? random() * SLOWEST_MS : 0;
      return { ...one, slowMs, killAt: at([...Array(last).keys()].map((step) => step + 1)) };
    }
    // A recovery begins when the lease was silent for a minute: what comes after that finds it done.
    const lateMs = LATEST_MS * (random() < 0.5 ? random() : 0.75 + random() / 4);
    // Whatever else was on its way comes within the minute that is saved: only a changed object can be fenced.
    const isLeaseGone = changing.length > 0 && random() < 0.5;
    return { ...one, lateMs, isLeaseGone, killAt: at(isLeaseGone ? changing : sending) };
  }

  it(`leaves nothing that recover does not take back, here or elsewhere: ${KILLS} kills`, async () => {
    const random = randomOf(1);
    const failures: string[] = [];
    let kills = 0;
    for (let visit = 0; kills < KILLS; visit++) {
      const one = caseOf(visit, random);
      const words = JSON.stringify({ ...one, drill: one.drill.title });
      kills += await live(one, journals).catch((error: Error) => failures.push(`${words}: ${error.message}`));
    }
    console.log(
      `      ${kills} kills in ${all.length} drills of ${steps.map(({ last }) => last).join(', ')} steps, ${failures.length} failures`,
    );
    expect(failures).to.deep.equal([]);
  });
});
