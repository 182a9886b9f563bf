import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { JournalCluster, JournalEntry } from '../model/journal.ts';
import { RUN_LABEL } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { JOURNAL_REF } from '../run/cluster-journal.ts';
import { alteredCluster } from '../run/testing/altered-cluster.ts';
import { BenchRun, BLACKHOLE, SWAP } from '../run/testing/bench-run.ts';
import { virtualClock } from '../run/testing/virtual-clock.ts';
import { openJournal, readJournal } from '../store/journal-file.ts';
import { createRunFolder, type RunFolder } from '../store/run-folder.ts';
import { recoverFolders } from './recover-folders.ts';

const RUN = '20261122t090000z-test';

/** A run whose journal is in a folder, as its process leaves it when it dies. */
class DyingRun {
  readonly bench = new BenchRun();
  readonly folder: RunFolder;
  readonly #before = this.bench.cluster.snapshot();
  readonly said: string[] = [];

  constructor(out: string, runId = RUN) {
    this.folder = createRunFolder(out, runId);
  }

  /** Runs to its end, but the journal ends before the first entry of this state: the process was gone by then. */
  async dieBefore(state: JournalEntry['state'] | 'the end'): Promise<this> {
    const journal = openJournal(this.folder.journal);
    const dead = new AbortController();
    this.bench.beforeJournal = (entry) => {
      if (entry.state === state) dead.abort();
      // Nothing that a dead process would do reaches the cluster.
      if (dead.signal.aborted) return new Promise(() => {}) as never;
      journal.append(entry);
    };
    const { cluster } = this.bench;
    const alive =
      <T extends unknown[], R>(act: (...args: T) => Promise<R>) =>
      (...args: T): Promise<R> =>
        dead.signal.aborted ? new Promise<R>(() => {}) : act.apply(cluster, args);
    const methods = { create: alive(cluster.create), patch: alive(cluster.patch), delete: alive(cluster.delete) };
    this.bench.seen = alteredCluster(cluster, methods);
    const { sleep } = this.bench.clock;
    const never = new Promise<void>(() => {});
    this.bench.clock.sleep = (...args) => (dead.signal.aborted ? never : sleep(...args));
    const died = new Promise((resolve) => dead.signal.addEventListener('abort', resolve));
    await Promise.race([this.bench.run([SWAP, { ...BLACKHOLE, afterMs: 0 }]), died]);
    journal.close();
    return this;
  }

  recover(open: (where: JournalCluster) => Cluster = () => this.bench.cluster, folders = [this.folder]) {
    const { kinds: faultKind, stop } = this.bench;
    const clock = virtualClock();
    const say = (text: string) => this.said.push(text);
    return recoverFolders(folders, { clock, faultKind, signal: stop.signal, open, say });
  }

  isAsBefore(): boolean {
    return JSON.stringify(this.bench.cluster.snapshot()) === JSON.stringify(this.#before);
  }
}

const away = (): Cluster => {
  throw new FaultlineError('TARGET_UNREACHABLE', 'it does not answer');
};

describe('recover from run folders', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'faultline-recover-'));
  });
  afterEach(() => rmSync(out, { recursive: true, force: true }));

  for (const state of ['intent', 'applied', 'undo-intent', 'closed', 'released', 'the end'] as const) {
    it(`leaves nothing of a run that was gone before ${state}, and asks again afterwards`, async () => {
      const run = await new DyingRun(out).dieBefore(state);
      const first = await run.recover();
      expect(first.problems).to.deep.equal([]);
      expect(first.recoveries).to.have.length(1);
      expect(first.recoveries.flatMap(({ leftovers, problems }) => [...leftovers, ...problems])).to.deep.equal([]);
      expect(run.isAsBefore()).to.equal(true);
      const entries = readJournal(run.folder.journal);
      const second = await run.recover();
      expect(second).to.deep.equal({
        recoveries: [{ cluster: 'tokyo', undone: [], leftovers: [], problems: [] }],
        problems: [],
        notAsked: [],
        load: [],
      });
      expect(readJournal(run.folder.journal)).to.deep.equal(entries);
      expect(entries.at(-1)?.state).to.equal('released');
    });
  }

  it('undoes the faults of a local journal in the reverse order of their injection', async () => {
    const run = await new DyingRun(out).dieBefore('undo-intent');
    await run.bench.cluster.delete(JOURNAL_REF);
    const { recoveries } = await run.recover();
    expect(recoveries.flatMap(({ undone }) => undone.map(({ fault }) => fault))).to.deep.equal(['silent', 'swap']);
    expect(run.isAsBefore()).to.equal(true);
  });

  it('finds the plans of a run that could not take them away, with which every next run would be refused', async () => {
    const run = new DyingRun(out);
    await run.dieBefore('released');
    const ref = { ...JOURNAL_REF };
    run.bench.cluster.add({ ...ref, metadata: { ...ref, labels: { [RUN_LABEL]: RUN } }, data: { 'plans.json': '[]' } });
    expect(await run.bench.cluster.get(JOURNAL_REF)).to.not.equal(undefined);
    await run.recover();
    expect(await run.bench.cluster.get(JOURNAL_REF)).to.equal(undefined);
  });

  it('says what a closed run has left behind after all', async () => {
    const run = await new DyingRun(out).dieBefore('the end');
    const [pod] = await run.bench.cluster.list({ apiVersion: 'v1', kind: 'Pod' }, {});
    run.bench.cluster.add({ ...pod, metadata: { ...pod?.metadata, labels: { [RUN_LABEL]: RUN } } } as never);
    run.bench.cluster.add({ ...pod, metadata: { name: 'o', labels: { [RUN_LABEL]: 'another' } } } as never);
    const { recoveries } = await run.recover();
    expect(recoveries.flatMap(({ leftovers }) => leftovers.map(({ runId }) => runId))).to.deep.equal([RUN]);
  });

  it('asks a cluster once for all closed runs', async () => {
    const [one, two] = [new DyingRun(out), new DyingRun(out, '20261123t090000z-test')];
    await one.dieBefore('the end');
    await two.dieBefore('the end');
    let opened = 0;
    const open = () => {
      opened++;
      return one.bench.cluster;
    };
    expect((await one.recover(open, [one.folder, two.folder])).recoveries).to.have.length(1);
    expect(opened).to.equal(1);
  });

  it('tells a cluster that is away with something open from one where nothing was left', async () => {
    const open = await new DyingRun(out).dieBefore('closed');
    const closed = await new DyingRun(out, '20261123t090000z-test').dieBefore('the end');
    expect(await open.recover(away)).to.deep.include({ problems: ['cluster tokyo: it does not answer'], notAsked: [] });
    expect(await closed.recover(away)).to.deep.include({
      problems: [],
      notAsked: ['cluster tokyo: it does not answer'],
    });
  });

  it('touches no other cluster that answers at the same place', async () => {
    const run = await new DyingRun(out).dieBefore('undo-intent');
    const other = new BenchRun().cluster;
    Object.assign(other, { identity: async () => ({ uid: 'another', server: '', version: '' }) });
    const { problems } = await run.recover(() => other);
    expect(problems.join()).to.contain('kube-system UID is another, the journal says uid-of-tokyo');
    expect(other.writes).to.equal(0);
  });

  it('takes a sandbox that has ended for undone, and asks after none whose run was over', async () => {
    const run = new DyingRun(out);
    run.bench.ephemeral = true;
    await run.dieBefore('undo-intent');
    expect(await run.recover(away)).to.deep.equal({ recoveries: [], problems: [], notAsked: [], load: [] });
    expect(run.said.join()).to.contain('tokyo was a sandbox for that run only');
    const over = new DyingRun(out, '20261123t090000z-test');
    over.bench.ephemeral = true;
    await over.dieBefore('the end');
    expect((await over.recover(away)).notAsked).to.deep.equal([]);
    expect(over.said).to.deep.equal([]);
  });

  it('keeps open what an undo could not do, and what somebody else has changed', async () => {
    const run = await new DyingRun(out).dieBefore('undo-intent');
    const patch = () => Promise.reject(new FaultlineError('KUBE_API', '503 no'));
    const broken = alteredCluster(run.bench.cluster, { patch });
    const { recoveries } = await run.recover(() => broken);
    expect(recoveries.flatMap(({ undone }) => undone.map(({ outcome }) => outcome.state))).to.deep.equal([
      'failed',
      'failed',
    ]);
    const [first] = recoveries.flatMap(({ undone }) => undone);
    expect(first?.outcome.commands).to.deep.equal([`faultline recover --run ${RUN}`]);
    expect(
      readJournal(run.folder.journal).filter(({ state }) => state === 'closed' || state === 'released'),
    ).to.deep.equal([]);
    expect((await run.recover()).recoveries.flatMap(({ leftovers }) => leftovers)).to.deep.equal([]);
    expect(run.isAsBefore()).to.equal(true);
  });

  it('knows nothing of a run without a journal, and says so', async () => {
    const folder = createRunFolder(out, '20261124t090000z-test');
    const { problems } = await new DyingRun(out).recover(away, [folder]);
    expect(problems).to.have.length(1);
    expect(problems[0]).to.contain('it has no journal');
  });
});
