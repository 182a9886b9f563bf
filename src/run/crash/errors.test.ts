import { expect } from 'chai';
import { putBackOf } from '../../analysis/objectives/put-back.ts';
import { readFacts } from '../../analysis/timeline/history.ts';
import { EXIT, exitCode } from '../../model/exit.ts';
import type { Json } from '../../model/scenario.ts';
import { LOCK_NAMESPACE } from '../../model/target.ts';
import { plansRef } from '../lock-objects.ts';
import type { StopReason } from '../stop.ts';
import { Process } from '../testing/crash/process.ts';
import { Journals, openedBy, type RecoverySaid, recoverElsewhere, recoverHere, run } from '../testing/crash/steps.ts';
import { type Drill, drills, onSystem, RUN, System } from '../testing/crash/system.ts';
import { HANG, LATE, seriesOf, TROUBLES, type Trouble, TroubledClient } from '../testing/crash/troubles.ts';
import { randomOf } from '../testing/random.ts';

/** How many troubles; `npm run test:crash` takes more. */
const CASES = Number(process.env.FAULTLINE_KILLS ?? 24);
/**
 * A run of 3 s some requests of which hang, whose undo waits for a write that may come, and whose cluster is searched: five
 * hanging reads alone are 385 s.
 */
const LONGEST_S = { one: 300, series: 900 };
/**
 * Told to stop: what was on its way in an injection then, which may be three reads of 77 s, and the undo meanwhile over its 90 s:
 * 5 s for the fault and its upkeep, 5 s for the plans, 20 s for a search, 20 s for the observers, 5 s for the lease.
 */
const STOPPED_S = 300;
/** More than a run asks for before it is given up. */
const FOR_GOOD = 1_000;
/** Short: most of the requests are to be those that inject and undo, and not the looks between them. */
const HOLD_MS = 1_000;
/** Visits requests and troubles with this stride, so that a few cases are spread over all of them. */
const STRIDE = 10_007;
/** How long whatever was on its way may take to come. */
const LATE_MS = 60_000;

type ErrorCase = {
  readonly drill: Drill;
  readonly at: number;
  readonly troubles: readonly Trouble[];
  /** Seed of a slow API, where it is one: what was sent beside a request that fails is done later. */
  readonly slow?: number;
  /** When it is told to stop, where it is. */
  readonly stopMs?: number;
};
type Ended = { readonly code: number; readonly sent: readonly boolean[]; readonly isEqual: boolean };

function troubled(id: string, system: System, client: TroubledClient, killAt = Number.POSITIVE_INFINITY): Process {
  const outside = client.outside(system.outside);
  return new Process(id, { clock: system.clock, outside, judge: (...write) => system.judge(...write) }, { killAt });
}

/** A snapshot without the plans of runs, which may stay where a fault is undone. */
function besidePlans(snapshot: Json): unknown {
  const { name } = plansRef(LOCK_NAMESPACE);
  return (snapshot as { metadata?: { name?: string } }[][]).map((objects) =>
    objects.filter(({ metadata }) => metadata?.name !== name),
  );
}

const textOf = ({ drill, at, troubles, slow }: ErrorCase) =>
  `${drill.title}, request ${at}, ${troubles.map(({ what }) => what).join(', then ')}${slow === undefined ? '' : `, slow (${slow})`}`;

async function live({ drill, at, troubles, slow, stopMs }: ErrorCase, journals: Journals): Promise<Ended> {
  const system = new System();
  const before = system.snapshot();
  const client = new TroubledClient(system.clock, troubles, at, slow === undefined ? undefined : randomOf(slow));
  const runner = troubled(RUN, system, client);
  const planned = onSystem(drill, system, runner, (cluster) => client.reach(cluster));
  const stop = new AbortController();
  const telling = stopMs === undefined ? undefined : system.clock.sleep(stopMs);
  void telling?.then(() => stop.abort({ kind: 'signal', signal: 'SIGTERM' } satisfies StopReason));
  const { end, events } = await run(planned, runner, stop.signal);
  if (end === 'dead') throw new Error('nobody has killed it');
  const longest = troubles.length > 1 || slow !== undefined ? LONGEST_S.series : LONGEST_S.one;
  const tookS = system.clock.now() / 1e6;
  expect(tookS, 'how long it took').to.be.below(stopMs === undefined ? longest : STOPPED_S);
  const { sent } = client;
  expect(end.status, end.reason ?? '').to.be.oneOf(['completed', 'refused', 'aborted', 'interrupted']);
  const putBack = putBackOf(readFacts(events), 'pass');
  const code = exitCode({ verdict: 'pass', ...end, putBack: putBack.state !== 'incomplete' });
  const failed = runner.entries.filter((entry) => entry.state === 'closed' && entry.outcome.state === 'failed');
  expect(failed, 'closed though it has failed').to.deep.equal([]);
  await system.clock.sleep(LATE_MS);
  const isEqual = JSON.stringify(system.snapshot()) === JSON.stringify(before);
  const isSaidUndone = events.some((event) => event.type === 'fault' && event.step === 'undone');
  if (isSaidUndone) expect(besidePlans(system.snapshot()), 'said to be undone').to.deep.equal(besidePlans(before));
  if (code !== EXIT.undoIncomplete) expect(system.snapshot(), `exit code ${code}: ${end.reason}`).to.deep.equal(before);
  const folder = journals.keep(openedBy(planned), runner.entries);
  expect(await recoverHere(folder, system, new Process('recover', system))).to.equal('clean');
  expect(system.snapshot(), 'recovered').to.deep.equal(before);
  expect(system.wrongs).to.deep.equal([]);
  return { code, sent, isEqual };
}

/** Every trouble at every request of every drill, those at writes by themselves. */
async function everyCase(all: readonly Drill[], journals: Journals) {
  const cases = { write: [] as ErrorCase[], read: [] as ErrorCase[], late: [] as ErrorCase[] };
  for (const drill of all) {
    const { sent } = await live({ drill, at: 0, troubles: [] }, journals);
    for (const [index, isWrite] of sent.entries()) {
      const some = TROUBLES.map((trouble) => ({ drill, at: index + 1, troubles: [trouble] }));
      if (isWrite) cases.late.push({ drill, at: index + 1, troubles: [LATE] });
      cases[isWrite ? 'write' : 'read'].push(...some);
    }
  }
  return cases;
}

const visited = (cases: readonly ErrorCase[], visit: number): ErrorCase =>
  cases[(visit * STRIDE) % cases.length] as ErrorCase;

describe('an error at the n-th request', function () {
  this.timeout(1_200_000);
  let journals: Journals;
  let alone: Drill[];
  before(async () => {
    journals = new Journals();
    alone = (await drills(HOLD_MS)).filter(({ planned }) => planned.faults.length === 1);
  });
  after(() => journals.remove());

  /** Lives all of these; the counts of their ends, without a failure. */
  async function liveAll<T>(cases: readonly T[], one: (it: T) => Promise<string>, words: (it: T) => string) {
    const counts = new Map<string, number>();
    const failures: string[] = [];
    for (const it of cases) {
      const end = await one(it).catch((error: Error) => {
        failures.push(`${words(it)}: ${error.message}`);
        return 'failed';
      });
      counts.set(end, (counts.get(end) ?? 0) + 1);
    }
    console.log(`      ${JSON.stringify(Object.fromEntries(counts))}`);
    expect(failures).to.deep.equal([]);
    return counts;
  }

  it(`and several in a row leave nothing, or say so, in bounded time: ${CASES} of them`, async () => {
    const { write, read, late } = await everyCase(alone, journals);
    expect(write.length, 'or nothing was injected').to.be.above(2_000);
    const random = randomOf(1);
    const cases = Array.from({ length: CASES }, (_, visit) => {
      const turn = Math.floor(visit / 4);
      if (visit % 4 === 0) return visited(late, turn);
      if (visit % 4 === 1) return visited(read, turn);
      const one = visited(write, turn);
      return visit % 4 === 2 ? { ...one, troubles: seriesOf(random) } : { ...one, slow: visit };
    });
    console.log(`      of ${write.length} at writes, ${read.length} at reads, and any series of them`);
    const end = async (one: ErrorCase) => {
      const { code, isEqual } = await live(one, journals);
      return `exit code ${code}${code === EXIT.undoIncomplete && isEqual ? ' though nothing was left' : ''}`;
    };
    await liveAll(cases, end, textOf);
  });

  type Recovery = ErrorCase & { readonly killAt: number; readonly isHere: boolean };

  /** A run that is killed, and a recovery that meets the troubles. */
  async function recovered({ drill, at, troubles, killAt, isHere }: Recovery): Promise<string> {
    const system = new System();
    const before = system.snapshot();
    const runner = new Process(RUN, system, { killAt });
    const planned = onSystem(drill, system, runner);
    await run(planned, runner);
    const folder = journals.keep(openedBy(planned), runner.entries);
    const recoverBy = (process: Process, client?: TroubledClient): Promise<RecoverySaid> =>
      isHere ? recoverHere(folder, system, process, { client }) : recoverElsewhere(system, process, client);
    const began = system.clock.now();
    const client = new TroubledClient(system.clock, troubles, at);
    const said = await recoverBy(troubled('recover-1', system, client), client);
    expect((system.clock.now() - began) / 1e6, 'how long it took').to.be.below(LONGEST_S.series);
    await system.clock.sleep(LATE_MS);
    if (said === 'clean') expect(system.snapshot(), 'said to be clean').to.deep.equal(before);
    expect(await recoverBy(new Process('recover-2', system))).to.equal('clean');
    expect(system.snapshot()).to.deep.equal(before);
    expect(system.wrongs).to.deep.equal([]);
    if (client.sent.length < at) return 'no trouble';
    return typeof said === 'object' ? 'said to be left' : said;
  }

  it(`for good leaves nothing, or says so, soon after it is told to stop: ${CASES / 2} of them`, async () => {
    const random = randomOf(3);
    const cases = Array.from({ length: CASES / 2 }, (_, visit): ErrorCase => {
      const drill = alone[visit % alone.length] as Drill;
      const troubles: Trouble[] = Array(FOR_GOOD).fill(HANG);
      return { drill, at: 1 + Math.floor(random() * 60), troubles, stopMs: random() * 4_000 };
    });
    const words = ({ drill, at, stopMs }: ErrorCase) =>
      `${drill.title}, from request ${at} on, stopped after ${stopMs} ms`;
    const counts = await liveAll(cases, async (one) => `exit code ${(await live(one, journals)).code}`, words);
    expect(counts.get(`exit code ${EXIT.undoIncomplete}`), 'that have left something').to.be.above(0);
  });

  it(`of a recovery leaves nothing, or says so, in bounded time: ${CASES} of them`, async () => {
    const random = randomOf(2);
    const cases = Array.from({ length: CASES }, (_, visit): Recovery => {
      const drill = alone[visit % alone.length] as Drill;
      const troubles = random() < 0.5 ? seriesOf(random) : seriesOf(random).slice(0, 1);
      const killAt = 8 + Math.floor(random() * 24);
      return { drill, at: 1 + Math.floor(random() * 30), troubles, killAt, isHere: random() < 0.5 };
    });
    const counts = await liveAll(cases, recovered, (one) => `killed at ${one.killAt}: ${textOf(one)}`);
    expect(counts.get('no trouble') ?? 0, 'recoveries that were over before').to.be.below(CASES / 2);
  });
});
