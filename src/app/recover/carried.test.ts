import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import type { JournalCluster, JournalEntry } from '../../model/journal.ts';
import { KINDS, type KubeKind } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { isClean } from '../../run/recover.ts';
import { BLACKHOLE, SWAP } from '../../run/testing/bench-run.ts';
import { copyAll, kobeCluster } from '../../run/testing/copied.ts';
import { openFaults } from '../../store/journal-clusters.ts';
import { readJournal } from '../../store/journal-file.ts';
import { DyingRun, RUN } from './testing/dying-run.ts';

const POLICY = { ...BLACKHOLE, afterMs: 0 };
const MARKED = [KINDS.networkPolicy, KINDS.deployment];

describe('recover from run folders, where marks were carried to a cluster that no fault touches', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'faultline-recover-'));
  });
  afterEach(() => rmSync(out, { recursive: true, force: true }));

  /** A run in tokyo that was gone before this entry, of which somebody has copied objects to kobe while it was on. */
  async function carried(state: JournalEntry['state'] | 'the end', kinds: readonly KubeKind[]) {
    const run = new DyingRun(out);
    const kobe = kobeCluster();
    run.bench.others = [kobe];
    run.bench.onEvent = (event) => {
      if (event.type !== 'phase-start' || event.phase !== 'hold') return;
      for (const kind of kinds) copyAll(kind, run.bench.cluster, kobe);
    };
    const untouched = kobe.snapshot();
    await run.dieBefore(state, [SWAP, POLICY]);
    const [begun] = readJournal(run.folder.journal).entries.filter((entry) => entry.state === 'intent');
    if (begun === undefined) throw new Error('a fault was begun');
    // As the first entry of a journal names it, and the last ones of a run that has ended.
    const cluster: JournalCluster = { ...begun.cluster, name: 'kobe', uid: 'uid-of-kobe' };
    const released = { state: 'released', cluster: 'kobe', wall: '' } as const;
    run.note([{ state: 'announced', runId: RUN, cluster, wall: '' }, ...(state === 'the end' ? [released] : [])]);
    const open = ({ name }: JournalCluster): Cluster => (name === 'kobe' ? kobe : run.bench.cluster);
    return { run, kobe, open, isUntouched: () => JSON.stringify(kobe.snapshot()) === JSON.stringify(untouched) };
  }

  const inKobe = ({ recoveries }: Awaited<ReturnType<DyingRun['recover']>>) =>
    recoveries.filter(({ cluster }) => cluster === 'kobe');

  it('deletes there what was created, leaves what others have made anew, and closes no fault for it in the other cluster', async () => {
    const { run, kobe, open } = await carried('undo-intent', MARKED);
    const without = (where: JournalCluster): Cluster => {
      if (where.name === 'kobe') return kobe;
      throw new FaultlineError('TARGET_UNREACHABLE', 'it does not answer');
    };
    const all = await run.recover(without);
    expect(
      inKobe(all).flatMap(({ undone }) => undone.map(({ fault, outcome }) => `${fault} ${outcome.state}`).sort()),
    ).to.deep.equal(['silent undone', 'swap conflict']);
    expect(kobe.all(KINDS.networkPolicy)).to.deep.equal([]);
    expect(openFaults(readJournal(run.folder.journal).entries).map(({ plan }) => plan.fault)).to.deep.equal([
      'swap',
      'silent',
    ]);
    const { recoveries } = await run.recover(open);
    expect(recoveries.map((one) => [one.cluster, isClean(one)]).sort()).to.deep.equal([
      ['kobe', false],
      ['tokyo', true],
    ]);
    expect(run.isAsBefore()).to.equal(true);
    expect((await run.recover(open, { accept: { only: [] } })).recoveries.every(isClean)).to.equal(true);
    expect((await run.recover(open)).recoveries.every(isClean)).to.equal(true);
  });

  it('names there what a run has left that was over, and closes nothing', async () => {
    const { run, open } = await carried('the end', MARKED);
    const all = await run.recover(open);
    const refs = inKobe(all).flatMap(({ leftovers }) => leftovers.map(({ ref }) => ref));
    expect(refs.sort()).to.deep.equal([
      'default/deployment/mockb-ap-northeast-1a',
      `default/networkpolicy/faultline-${RUN}-silent`,
    ]);
    expect(all.recoveries.map(isClean).sort()).to.deep.equal([false, true]);
  });

  for (const state of ['undo-intent', 'the end'] as const) {
    it(`says what it may not look for there, which is nothing left, of a run that was gone before ${state}`, async () => {
      const { run, kobe, open, isUntouched } = await carried(state, []);
      kobe.allows = (verb, { kind }) => verb !== 'list' || kind !== KINDS.networkPolicy.kind;
      kobe.before = ({ verb, kind }) => {
        if (verb === 'list' && kind === KINDS.networkPolicy.kind) throw new FaultlineError('KUBE_API', '403 no');
      };
      const all = await run.recover(open);
      expect([all.problems, all.recoveries.map(isClean)]).to.deep.equal([[], [true, true]]);
      const unread = { kinds: ['networkpolicy'], answers: {}, namespaces: ['default'] };
      expect(all.recoveries.map((one) => [one.cluster, one.unread]).sort()).to.deep.equal([
        ['kobe', unread],
        ['tokyo', undefined],
      ]);
      expect(isUntouched()).to.equal(true);
    });
  }
});
