import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import type { JournalEntry } from '../../model/journal.ts';
import { journalledClusters } from '../../store/journal-clusters.ts';
import { readJournal } from '../../store/journal-file.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import { Process } from '../testing/crash/process.ts';
import { Journals, openedBy, recoverHere, run } from '../testing/crash/steps.ts';
import { type Drill, drills, onSystem, RUN, System } from '../testing/crash/system.ts';
import { randomOf } from '../testing/random.ts';

/** How many damages; `npm run test:crash` takes more, and every byte. */
const CASES = Number(process.env.FAULTLINE_KILLS ?? 60);
/** Bytes and bits are visited with this stride, so that a few are spread over a whole journal. */
const STRIDE = 10_007;

type Kept = { readonly system: System; readonly folder: RunFolder; readonly before: string };

/** A run that is killed at this step, or lives to its end. */
async function lived(drill: Drill, journals: Journals, killAt = Number.POSITIVE_INFINITY): Promise<Kept> {
  const system = new System();
  const before = JSON.stringify(system.snapshot());
  const runner = new Process(RUN, system, { killAt });
  const planned = onSystem(drill, system, runner);
  await run(planned, runner);
  return { system, before, folder: journals.keep(openedBy(planned), runner.entries) };
}

/** What a journal says, or undefined where it is an open question. */
function read(path: string): ReturnType<typeof readJournal> | undefined {
  try {
    return readJournal(path);
  } catch (error) {
    expect(error).to.be.instanceOf(FaultlineError).with.property('code', 'JOURNAL');
    return undefined;
  }
}

/** Where so many entries are whole: which clusters are over, and which faults must not be called undone. */
function expectOpen(whole: readonly JournalEntry[], isTorn: boolean, path: string, what: string): void {
  const said = read(path);
  if (said === undefined) return;
  expect(said.entries, what).to.deep.equal(whole);
  expect(said.isTorn, what).to.equal(isTorn);
  const [opened] = whole;
  if (opened?.state !== 'opened') throw new Error(`${what}: a journal that has lost its first line was read`);
  const closed = new Set(whole.flatMap((entry) => (entry.state === 'closed' ? [entry.fault] : [])));
  const begun = whole.flatMap((entry) => (entry.state === 'intent' ? [entry.plan.fault] : []));
  const mayBeOn = (isTorn ? opened.plans.map(({ fault }) => fault) : begun).filter((fault) => !closed.has(fault));
  const clusters = journalledClusters(said.entries, said.isTorn);
  expect(
    clusters.map(({ where }) => where.name),
    what,
  ).to.deep.equal(opened.clusters.map(({ name }) => name));
  expect(
    clusters.flatMap(({ open }) => open.map(({ fault }) => fault)),
    what,
  ).to.have.members(mayBeOn);
  for (const { where, released } of clusters) {
    const isOver = whole.some((entry) => entry.state === 'released' && entry.cluster === where.name);
    if (released) expect([isOver, isTorn], `${what}: ${where.name} is over`).to.deep.equal([true, false]);
  }
}

describe('a torn journal', function () {
  this.timeout(1_200_000);
  let journals: Journals;
  let twice: Drill;
  before(async () => {
    journals = new Journals();
    twice = (await drills()).find(({ title }) => title === 'imageSwap and scale') as Drill;
  });
  after(() => journals.remove());

  it(`is never read as one without an open fault, wherever it ends: ${CASES} bytes`, async () => {
    const { folder } = await lived(twice, journals);
    const bytes = readFileSync(folder.journal);
    const { entries } = readJournal(folder.journal);
    const count = Math.min(CASES, bytes.length + 1);
    for (let at = 0; at < count; at++) {
      const length = (at * STRIDE) % (bytes.length + 1);
      const kept = bytes.subarray(0, length);
      writeFileSync(folder.journal, kept);
      const lines = kept.toString().split('\n');
      expectOpen(entries.slice(0, lines.length - 1), lines.at(-1) !== '', folder.journal, `${length} bytes`);
    }
    console.log(`      ${count} of ${bytes.length + 1} lengths`);
  });

  it(`is read as it was written or not at all when a bit of it has flipped: ${CASES} bits`, async () => {
    const { folder } = await lived(twice, journals);
    const bytes = readFileSync(folder.journal);
    const { entries } = readJournal(folder.journal);
    const count = Math.min(CASES, bytes.length * 8);
    for (let at = 0; at < count; at++) {
      const bit = (at * STRIDE) % (bytes.length * 8);
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      writeFileSync(folder.journal, damaged);
      const isEnd = bit >> 3 === bytes.length - 1;
      expectOpen(isEnd ? entries.slice(0, -1) : entries, isEnd, folder.journal, `bit ${bit}`);
    }
    console.log(`      ${count} of ${bytes.length * 8} bits`);
  });

  it(`of a run that was killed is recovered from, or an open question: ${Math.ceil(CASES / 4)} of them`, async () => {
    const random = randomOf(1);
    const ends = { recovered: 0, open: 0 };
    for (let at = 0; at < CASES / 4; at++) {
      const { system, before, folder } = await lived(twice, journals, 1 + Math.floor(random() * 48));
      const bytes = readFileSync(folder.journal);
      writeFileSync(folder.journal, bytes.subarray(0, Math.floor(random() * (bytes.length + 1))));
      const said = await recoverHere(folder, system, new Process('recover', system));
      if (said === 'clean') expect(JSON.stringify(system.snapshot()), `case ${at}`).to.equal(before);
      else expect(said, `case ${at}`).to.be.an('object');
      ends[said === 'clean' ? 'recovered' : 'open']++;
    }
    console.log(`      ${JSON.stringify(ends)}`);
    expect(ends.recovered).to.be.above(0);
  });
});
