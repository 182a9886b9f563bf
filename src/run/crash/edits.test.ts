import { expect } from 'chai';
import { putBackOf } from '../../analysis/objectives/put-back.ts';
import { readFacts } from '../../analysis/timeline/history.ts';
import type { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import type { HistoryEvent } from '../../model/history.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { expectParses } from '../testing/crash/commands.ts';
import { EDITED, EDITS, type Edit, oursIn } from '../testing/crash/edits.ts';
import { Process } from '../testing/crash/process.ts';
import { Journals, openedBy, recoverElsewhere, recoverHere, run } from '../testing/crash/steps.ts';
import { type Drill, drills, onSystem, RUN, System } from '../testing/crash/system.ts';
import { randomOf } from '../testing/random.ts';

/** How many runs among others; `npm run test:crash` takes more. */
const CASES = Number(process.env.FAULTLINE_KILLS ?? 30);
/** Requests to its cluster within which a run has done all that it does. */
const REQUESTS = 90;
const MOST_EDITS = 3;
/** Steps within which a run that is killed is. */
const STEPS = 60;

type Step = { readonly at: number; readonly name: string };

/** Lets others edit right before the requests that are numbered so, and keeps what must stand. */
function editing(cluster: FakeCluster, steps: readonly Step[]): Edit[] {
  const done: Edit[] = [];
  const from = cluster.requests;
  cluster.before = ({ at }) => {
    for (const { name } of steps.filter((step) => step.at === at - from)) {
      const edit = EDITS[name] as Edit;
      edit.apply(cluster);
      done.push(edit);
    }
  };
  return done;
}

/** Each field as it was set last. */
function expectTheirs(cluster: FakeCluster, done: readonly Edit[], when: string): void {
  const wrong = done.filter((edit, at) => {
    const isOver = done.slice(at + 1).some(({ field }) => field === edit.field || field === 'all');
    return !isOver && !edit.stands(cluster);
  });
  const words = Object.entries(EDITS).flatMap(([name, edit]) => (wrong.includes(edit) ? [name] : []));
  expect(words, `overwritten ${when}`).to.deep.equal([]);
}

function expectAlone(system: System, done: readonly Edit[], when: string): void {
  if (!done.every(({ isAlone }) => isAlone)) return;
  const alone = new System();
  for (const edit of done) edit.apply(alone.cluster('tokyo'));
  expect(system.snapshot(), when).to.deep.equal(alone.snapshot());
}

const leftIn = (events: readonly HistoryEvent[]) =>
  events.flatMap((event) => (event.type === 'leftovers' ? event.objects.map(({ command }) => command) : []));

type EditCase = {
  readonly drill: Drill;
  readonly steps: readonly Step[];
  /** Step at which the run is killed, where it is. */
  readonly killAt: number | undefined;
  readonly isHere: boolean;
};

/** A drill, and which of its requests to its cluster are writes: an edit right before one comes between a look and what it decides. */
type Known = {
  readonly drill: Drill;
  readonly writes: readonly number[];
  /** Those of them to the workload that others edit. */
  readonly onWorkload: readonly number[];
};
/** Edits of single fields of it. */
const FIELDS = Object.keys(EDITS).filter((name) =>
  ['image', 'command', 'replicas', 'paused'].includes(EDITS[name]?.field ?? ''),
);

async function known(drill: Drill): Promise<Known> {
  const system = new System();
  const cluster = system.cluster('tokyo');
  const writes: number[] = [];
  const onWorkload: number[] = [];
  cluster.before = ({ at, isWrite, kind, namespace, name }) => {
    if (isWrite && kind !== KINDS.lease.kind) writes.push(at);
    if (isWrite && `${kind} ${namespace}/${name}` === EDITED) onWorkload.push(at);
  };
  const runner = new Process(RUN, system);
  await run(onSystem(drill, system, runner), runner);
  return { drill, writes, onWorkload };
}

function caseOf(seed: number, all: readonly Known[]): EditCase {
  const random = randomOf(seed);
  const names = Object.keys(EDITS);
  const { drill, writes, onWorkload } = all[seed % all.length] as Known;
  const one = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const anywhere = () => 1 + Math.floor(random() * REQUESTS);
  const steps = Array.from({ length: 1 + Math.floor(random() * MOST_EDITS) }, (): Step => {
    if (onWorkload.length > 0 && random() < 0.5) return { at: one(onWorkload) ?? 0, name: one(FIELDS) ?? '' };
    return { at: random() < 0.5 ? anywhere() : (one(writes) ?? anywhere()), name: one(names) ?? '' };
  });
  const killAt = random() < 0.5 ? 1 + Math.floor(random() * STEPS) : undefined;
  // Where both are gone, nothing but the journal knows of the fault.
  const isKnown = !['all marks off', 'the plans are gone'].every((name) => steps.some((step) => step.name === name));
  return { drill, steps, killAt, isHere: random() < 0.5 || !isKnown };
}

/** Resolves to how the run and its recovery have ended. */
async function live(
  { drill, steps, killAt = Number.POSITIVE_INFINITY, isHere }: EditCase,
  journals: Journals,
): Promise<string> {
  const system = new System();
  const cluster = system.cluster('tokyo');
  const runner = new Process(RUN, system, { killAt });
  const planned = onSystem(drill, system, runner);
  const done = editing(cluster, steps);
  const { end, events } = await run(planned, runner);
  for (const command of leftIn(events)) expectParses(command);
  const judge = (when: string, isOver: boolean) => {
    expectTheirs(cluster, done, when);
    if (!isOver) return;
    expect(oursIn(cluster, RUN), `ours ${when}`).to.deep.equal([]);
    expectAlone(system, done, when);
  };
  const state = end === 'dead' ? 'dead' : putBackOf(readFacts(events), 'pass').state;
  judge('by the run', state === 'put-back' || state === 'nothing-injected');
  const folder = journals.keep(openedBy(planned), runner.entries);
  const recoverer = new Process('recover', system);
  const recovered = await (isHere ? recoverHere(folder, system, recoverer) : recoverElsewhere(system, recoverer));
  cluster.before = () => {};
  expect(system.wrongs).to.deep.equal([]);
  const isClean = recovered === 'clean';
  if (typeof recovered === 'object') for (const command of recovered.commands) expectParses(command);
  if (typeof recovered === 'object') expect(recovered.commands, recovered.left).to.not.deep.equal([]);
  judge('by recover', isClean);
  if (isClean) return `${state}, then clean`;
  const accepted = await recoverHere(folder, system, new Process('accept', system), {
    accept: { only: [] },
  });
  expect(accepted, 'accepted as it stands').to.equal('clean');
  expectTheirs(cluster, done, 'by accepting it');
  return `${state}, then accepted`;
}

describe('a run among the edits of others', function () {
  this.timeout(1_200_000);
  let journals: Journals;
  before(() => {
    journals = new Journals();
  });
  after(() => journals.remove());

  it(`overwrites nothing of theirs, leaves nothing of its own unsaid, and prints what works: ${CASES} seeds`, async () => {
    const all: Known[] = [];
    for (const drill of await drills()) all.push(await known(drill));
    const failures: string[] = [];
    const ends = new Map<string, number>();
    for (let seed = 1; seed <= CASES; seed++) {
      const one = caseOf(seed, all);
      const end = await live(one, journals).catch((error: Error) => {
        failures.push(`seed ${seed}: ${JSON.stringify({ ...one, drill: one.drill.title })}: ${error.message}`);
        return 'failed';
      });
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    console.log(`      ${JSON.stringify(Object.fromEntries(ends))}`);
    expect(failures).to.deep.equal([]);
    expect(ends.get('put-back, then clean'), 'or nothing was injected').to.be.above(CASES / 10);
  });
});
