import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FAULT_KINDS } from '../../faults/index.ts';
import { FaultlineError } from '../../model/errors.ts';
import type { FaultPlan } from '../../model/fault.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { readLease, writeLease } from '../../run/lease-record.ts';
import { plansRef } from '../../run/lock-objects.ts';
import { isClean, recoverCluster } from '../../run/recover.ts';
import { alteredCluster } from '../../run/testing/altered-cluster.ts';
import { asked, BenchRun, HERE, SWAP } from '../../run/testing/bench-run.ts';
import { virtualClock } from '../../run/testing/virtual-clock.ts';
import { createJournal, openJournal, readJournal } from '../../store/journal-file.ts';
import { createRunFolder } from '../../store/run-folder.ts';
import { fillDisk } from '../../store/testing/full-disk.ts';
import { NOTHING } from './recovered.ts';
import { DyingRun, RUN } from './testing/dying-run.ts';

const OTHER = '20261124t090000z-other';

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
      const entries = readJournal(run.folder.journal).entries;
      const second = await run.recover();
      expect(second).to.deep.equal({
        ...NOTHING,
        recoveries: [{ cluster: 'tokyo', undone: [], searched: ['default'], leftovers: [], problems: [] }],
        runs: [RUN],
      });
      expect(readJournal(run.folder.journal).entries).to.deep.equal(entries);
      expect(entries.at(-1)?.state).to.equal('released');
    });
  }

  it('undoes the faults of a local journal in the reverse order of their injection', async () => {
    const run = await new DyingRun(out).dieBefore('undo-intent');
    await run.bench.cluster.delete(plansRef('default'));
    const { recoveries } = await run.recover();
    expect(recoveries.flatMap(({ undone }) => undone.map(({ fault }) => fault))).to.deep.equal(['silent', 'swap']);
    expect(run.isAsBefore()).to.equal(true);
  });

  it('knows by the journal what the run has created, though somebody has taken the marks off it', async () => {
    const ref = { ...KINDS.networkPolicy, namespace: 'default', name: 'deny' };
    const object = {
      ...KINDS.networkPolicy,
      metadata: { namespace: 'default', name: 'deny' },
      spec: { podSelector: {} },
    };
    const spec = { cluster: 'tokyo', object, hits: { app: 'mocka' }, effect: 'stops-serving', expiry: 900_000 };
    const deny = asked({ name: 'deny', kind: 'manifest', afterMs: 0, spec });
    for (const [state, became] of [
      ['applied', 'conflict'],
      ['undo-intent', 'undone'],
    ] as const) {
      const run = await new DyingRun(mkdtempSync(join(out, 'run-'))).dieBefore(state, [deny]);
      const { uid = '' } = (await run.bench.cluster.get(ref))?.metadata ?? {};
      run.bench.cluster.put({ ...object, metadata: { ...object.metadata, uid } });
      const { recoveries } = await run.recover();
      expect(recoveries.flatMap(({ undone }) => undone.map(({ outcome }) => outcome.state))).to.deep.equal([became]);
      expect((await run.bench.cluster.get(ref)) === undefined).to.equal(became === 'undone');
    }
  });

  it('finds the plans of a run that could not take them away, with which every next run would be refused', async () => {
    const run = new DyingRun(out);
    await run.dieBefore('released');
    const ref = plansRef('default');
    run.bench.cluster.add({ ...ref, metadata: { ...ref, labels: { [RUN_LABEL]: RUN } }, data: { 'plans.json': '[]' } });
    expect(await run.bench.cluster.get(plansRef('default'))).to.not.equal(undefined);
    await run.recover();
    expect(await run.bench.cluster.get(plansRef('default'))).to.equal(undefined);
  });

  it('says what a closed run has left behind after all', async () => {
    const run = await new DyingRun(out).dieBefore('the end');
    const [pod] = await run.bench.cluster.list({ apiVersion: 'v1', kind: 'Pod' }, {});
    run.bench.cluster.add({ ...pod, metadata: { ...pod?.metadata, labels: { [RUN_LABEL]: RUN } } } as never);
    run.bench.cluster.add({
      ...pod,
      metadata: { name: 'o', namespace: 'default', labels: { [RUN_LABEL]: 'another' } },
    } as never);
    const { recoveries, others } = await run.recover();
    expect(recoveries.flatMap(({ leftovers }) => leftovers.map(({ runId }) => runId))).to.deep.equal([RUN]);
    expect(others.map(({ runId, objects }) => [runId, objects])).to.deep.equal([['another', ['default/pod/o']]]);
    const only = await run.recover(undefined, { runId: RUN });
    expect(only.others, 'where only this run was asked for').to.deep.equal([]);
  });

  for (const state of ['undo-intent', 'the end'] as const) {
    it(`tells what another run has left in the cluster of one that was gone before ${state}, unless that one lives`, async () => {
      const run = await new DyingRun(out).dieBefore(state);
      await run.recover();
      const { cluster, clock } = run.bench;
      const ref = plansRef('default');
      cluster.add({ ...ref, metadata: { ...ref, labels: { [RUN_LABEL]: OTHER } }, data: { 'plans.json': '[]' } });
      await writeLease(cluster, 'default', await readLease(cluster, 'default'), `${OTHER}/b/2`, clock.wall());
      const dead = await run.recover();
      const objects = ['default/configmap/faultline-run'];
      const command = 'faultline recover --scan --target <targets file>';
      expect(dead.others).to.deep.equal([{ cluster: 'tokyo', runId: OTHER, objects, command }]);
      expect(dead.recoveries.every(isClean), 'what was asked for').to.equal(true);
      let looks = 0;
      const get: Cluster['get'] = async (asked) => {
        if (asked.kind === KINDS.lease.kind && ++looks > 1)
          await writeLease(cluster, 'default', await readLease(cluster, 'default'), `${OTHER}/b/2`, new Date(looks));
        return cluster.get(asked);
      };
      const { others, recoveries } = await run.recover(() => alteredCluster(cluster, { get }));
      expect([others, recoveries.every(isClean)]).to.deep.equal([[], true]);
      expect(run.said.at(-1)).to.contain(`run ${OTHER} is at work there`);
    });
  }

  it('asks for another run also where it has just undone one, and finds what that has marked', async () => {
    const run = await new DyingRun(out).dieBefore('undo-intent');
    const [pod] = await run.bench.cluster.list({ apiVersion: 'v1', kind: 'Pod' }, {});
    run.bench.cluster.add({
      ...pod,
      metadata: { name: 'o', namespace: 'default', labels: { [RUN_LABEL]: OTHER } },
    } as never);
    const { others, recoveries } = await run.recover();
    expect(others.map(({ runId, objects }) => [runId, objects])).to.deep.equal([[OTHER, ['default/pod/o']]]);
    expect(recoveries.map(isClean)).to.deep.equal([true]);
  });

  it('looks for what is left when all is recovered: also what the clusters alone tell, as of an object that was saved in a drill', async () => {
    const run = await new DyingRun(out).dieBefore('the end');
    const [pod] = await run.bench.cluster.list({ apiVersion: 'v1', kind: 'Pod' }, {});
    run.bench.cluster.add({ ...pod, metadata: { ...pod?.metadata, labels: { [RUN_LABEL]: RUN } } } as never);
    const others = async () => {
      run.bench.cluster.add(pod as KubeObject);
      return [{ ...NOTHING, load: ['the others'] }];
    };
    const { recoveries, load } = await run.recover(undefined, { others });
    expect([load, recoveries.flatMap(({ leftovers }) => leftovers)]).to.deep.equal([['the others'], []]);
  });

  it('has its time, and leaves the rest to the others, whatever does not answer', async () => {
    const run = await new DyingRun(out).dieBefore('applied');
    const firstOver = new AbortController();
    run.bench.cluster.pause = () => {
      firstOver.abort('given up');
      return new Promise(() => {});
    };
    const others = async () => [{ ...NOTHING, load: ['the others'] }];
    const { load, problems } = await run.recover(undefined, { others, firstOver: firstOver.signal });
    expect(load).to.deep.equal(['the others']);
    expect(problems.join()).to.contain('given up');
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
    expect((await one.recover(open, { folders: [one.folder, two.folder] })).recoveries).to.have.length(1);
    expect(opened).to.equal(1);
  });

  it('tells a cluster that is away with something open from one where nothing was left', async () => {
    const open = await new DyingRun(out).dieBefore('closed');
    const closed = await new DyingRun(out, '20261123t090000z-test').dieBefore('the end');
    const { problems } = await open.recover(away);
    expect(problems.map((text) => text.split('.')[0])).to.deep.equal(['cluster tokyo: it does not answer']);
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
    expect(await run.recover(away)).to.deep.equal({ ...NOTHING, ended: [RUN] });
    expect(run.said.join()).to.contain('tokyo was a sandbox for that run only');
    const over = new DyingRun(out, '20261123t090000z-test');
    over.bench.ephemeral = true;
    await over.dieBefore('the end');
    expect(await over.recover(away)).to.deep.equal({ ...NOTHING, ended: [RUN] });
    expect(over.said).to.deep.equal([]);
  });

  it('keeps open what an undo could not do, and what somebody else has changed', async () => {
    const run = await new DyingRun(out).dieBefore('undo-intent');
    const { cluster } = run.bench;
    const patch: Cluster['patch'] = (...args) =>
      args[0].kind === KINDS.lease.kind
        ? cluster.patch(...args)
        : Promise.reject(new FaultlineError('KUBE_API', '503 no'));
    const broken = alteredCluster(cluster, { patch });
    const { recoveries } = await run.recover(() => broken);
    expect(recoveries.flatMap(({ undone }) => undone.map(({ outcome }) => outcome.state))).to.deep.equal([
      'failed',
      'failed',
    ]);
    const [first] = recoveries.flatMap(({ undone }) => undone);
    expect(first?.outcome.commands).to.deep.equal([`faultline recover --run ${RUN}`]);
    expect(
      readJournal(run.folder.journal).entries.filter(({ state }) => state === 'closed' || state === 'released'),
    ).to.deep.equal([]);
    expect((await run.recover()).recoveries.flatMap(({ leftovers }) => leftovers)).to.deep.equal([]);
    expect(run.isAsBefore()).to.equal(true);
  });

  it('undoes what it cannot close in the journal, which is said, and is asked once more by the next one', async () => {
    const run = await new DyingRun(out).dieBefore('undo-intent');
    const free = fillDisk(0);
    const { recoveries, problems, unwritten } = await run.recover().finally(free);
    expect([problems, unwritten]).to.deep.equal([[], [`disk full: ${run.folder.journal}`]]);
    expect([recoveries.map(isClean), run.isAsBefore()]).to.deep.equal([[true], true]);
    expect((await run.recover()).unwritten).to.deep.equal([]);
    expect(readJournal(run.folder.journal).entries.at(-1)?.state).to.equal('released');
  });

  it('undoes nothing where it cannot have the lease', async () => {
    const run = await new DyingRun(out).dieBefore('undo-intent');
    const patch = () => Promise.reject(new FaultlineError('KUBE_API', '503 no'));
    const { recoveries, problems } = await run.recover(() => alteredCluster(run.bench.cluster, { patch }));
    expect(recoveries).to.deep.equal([]);
    expect(problems).to.deep.equal(['cluster tokyo: 503 no']);
  });

  it('does not touch the faults of a run that lives, and says who holds the cluster and how to go on', async () => {
    const run = new DyingRun(out);
    const journal = openJournal(run.folder.journal);
    run.bench.beforeJournal = (entry) => journal.append(entry);
    const ended = run.bench.run([SWAP]);
    await run.bench.clock.sleep(15_000);
    const { writes } = run.bench.cluster;
    const { held, ...rest } = await run.recover(() => run.bench.cluster, { clock: run.bench.clock });
    expect({ ...rest, held: [] }).to.deep.equal(NOTHING);
    expect(held).to.have.length(1);
    expect(held[0]).to.match(
      /^cluster tokyo: run 20261122t090000z-test \(process 1 on host bench\) holds it since 2026-11-22T00:00:00Z, and lives \(Wait/,
    );
    expect(held[0]).to.contain('kubectl -n default create configmap faultline-freeze');
    expect(run.bench.cluster.writes).to.equal(writes);
    expect(await ended).to.deep.equal({ status: 'completed' });
    expect(run.bench.steps()).to.include('swap undone');
    expect((await run.recover()).held).to.deep.equal([]);
  });

  it('says of a run that ends while it waits for its lease that it has put its fault back itself, and asks nothing of it', async () => {
    const run = new DyingRun(out);
    const journal = openJournal(run.folder.journal);
    run.bench.beforeJournal = (entry) => journal.append(entry);
    const begun = Promise.withResolvers<void>();
    run.bench.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === 'undo') begun.resolve();
    };
    const ended = run.bench.run([SWAP]);
    await begun.promise;
    const identity = async () => {
      await ended;
      return run.bench.cluster.identity();
    };
    const late = alteredCluster(run.bench.cluster, { identity });
    const { recoveries, held } = await run.recover(() => late, { clock: run.bench.clock });
    expect(await ended).to.deep.equal({ status: 'completed' });
    expect(held).to.deep.equal([]);
    expect(recoveries.flatMap(({ undone }) => undone.map(({ outcome }) => outcome.detail))).to.deep.equal([
      'its run, or another recovery, has undone it while this recovery waited',
    ]);
    expect(run.isAsBefore()).to.equal(true);
    const closed = readJournal(run.folder.journal).entries.filter(({ state }) => state === 'closed');
    expect(closed).to.have.length(1);
  });

  it('closes the journal of a run that was recovered elsewhere, whatever has become of its objects', async () => {
    const run = await new DyingRun(out).dieBefore('undo-intent');
    const { cluster, clock, kinds: faultKind, stop } = run.bench;
    const elsewhere = { clock: virtualClock(), faultKind, signal: stop.signal, holder: 'recover-2/b/2', say: () => {} };
    await recoverCluster(cluster, { namespaces: ['default'], lockNamespace: 'default', kinds: FAULT_KINDS }, [], {
      ...elsewhere,
      over: new AbortController().signal,
      recoverFrom: HERE,
      runId: undefined,
    });
    const ref = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };
    const image = '/spec/template/spec/containers/0/image';
    await cluster.patch(ref, [{ op: 'replace', path: image, value: 'released-later' }]);
    const { writes } = cluster;
    const { recoveries, problems } = await run.recover();
    expect(problems).to.deep.equal([]);
    expect(recoveries.flatMap(({ leftovers }) => leftovers)).to.deep.equal([]);
    expect(recoveries.flatMap(({ undone }) => undone.map(({ outcome }) => outcome.state))).to.deep.equal([
      'undone',
      'undone',
    ]);
    expect(cluster.writes, 'nothing of the later release is touched').to.equal(writes);
    expect(readJournal(run.folder.journal).entries.at(-1)?.state).to.equal('released');
    expect(clock.now()).to.be.above(0);
  });

  describe('whose journal is damaged', () => {
    const opened = (bench: BenchRun, plans: readonly FaultPlan[]) => {
      const where = { name: 'tokyo', region: 'r', uid: 'uid-of-tokyo', server: '', kubeconfig: 'k', context: 'c' };
      const clusters = [{ ...where, namespaces: ['default'], ephemeral: bench.ephemeral }];
      return { state: 'opened', runId: RUN, clusters, plans, wall: '' } as const;
    };

    /** A run that has died with its faults on, and what its journal was. */
    async function died(): Promise<{ run: DyingRun; whole: Buffer }> {
      const run = await new DyingRun(out).dieBefore('undo-intent');
      const entries = readJournal(run.folder.journal).entries;
      rmSync(run.folder.journal);
      const plans = entries.flatMap((entry) => (entry.state === 'intent' ? [entry.plan] : []));
      const journal = createJournal(run.folder.journal, opened(run.bench, plans));
      for (const entry of entries) journal.append(entry);
      journal.close();
      return { run, whole: readFileSync(run.folder.journal) };
    }

    it('is an open question where nobody knows its clusters any more: empty, torn, gone or unreadable', async () => {
      const { run, whole } = await died();
      const first = whole.indexOf('\n');
      const damages: Record<string, () => void> = {
        'it is empty': () => writeFileSync(run.folder.journal, ''),
        'its first line is torn off': () => writeFileSync(run.folder.journal, whole.subarray(0, first)),
        'the line is damaged': () => writeFileSync(run.folder.journal, `x${whole.subarray(1)}`),
        'it cannot be read': () => rmSync(run.folder.journal),
      };
      for (const [why, damage] of Object.entries(damages)) {
        damage();
        const { problems } = await run.recover();
        expect(problems.join(), why).to.contain(why).and.to.contain('faultline recover --scan --target');
      }
      expect(run.isAsBefore(), 'the faults are on').to.equal(false);
    });

    for (const isInCluster of [true, false]) {
      it(`is undone from the clusters wherever it ends, ${isInCluster ? 'from' : 'without'} the plans there`, async () => {
        const { run, whole } = await died();
        const [first = 0, ...ends] = [...whole.toString().matchAll(/\n/g)].map(({ index }) => index);
        // Right behind each line, and in the midst of the next; a whole line that is gone leaves no trace in the file.
        const lengths = ends.flatMap((end) => (isInCluster ? [end + 1, end - 9] : [end - 9]));
        const objects = structuredClone([...run.bench.cluster.objects]);
        for (const length of [first + 2, ...lengths]) {
          await restore(run, objects, isInCluster);
          writeFileSync(run.folder.journal, whole.subarray(0, length));
          const { recoveries, problems } = await run.recover();
          expect([problems, recoveries.every(isClean)], `${length} bytes`).to.deep.equal([[], true]);
          expect(run.isAsBefore(), `${length} bytes`).to.equal(true);
          const { entries, isTorn } = readJournal(run.folder.journal);
          expect([isTorn, entries.at(-1)?.state], `${length} bytes`).to.deep.equal([false, 'released']);
        }
      });
    }

    /** The cluster as it was when the run died; its plans are in it, or somebody has taken them away. */
    async function restore({ bench }: DyingRun, objects: [string, KubeObject][], isInCluster: boolean): Promise<void> {
      bench.cluster.objects.clear();
      for (const [key, object] of structuredClone(objects)) bench.cluster.objects.set(key, object);
      if (!isInCluster) await bench.cluster.delete(plansRef('default'));
    }
  });

  it('knows nothing of a run without a journal, and says so', async () => {
    const folder = createRunFolder(out, '20261124t090000z-test');
    const { problems } = await new DyingRun(out).recover(away, { folders: [folder] });
    expect(problems).to.have.length(1);
    expect(problems[0]).to.contain('it cannot be read');
  });
});
