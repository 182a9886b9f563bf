import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { readClusterJournal } from '../../run/cluster-journal.ts';
import { plansRef } from '../../run/lock-objects.ts';
import { DOWN } from '../../run/testing/bench-run.ts';
import { recoverPorts } from '../../run/testing/recover-ports.ts';
import { readJournal } from '../../store/journal-file.ts';
import { recoverClusters } from './clusters.ts';
import { knownIn } from './known.ts';
import type { Recovered } from './recovered.ts';
import { DyingRun, RUN } from './testing/dying-run.ts';

const REF = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };
const COMMAND = 'kubectl -n default delete configmap/faultline-run';

/** What keeps a run from taking its plans away. */
const KEPT: readonly [string, (run: DyingRun) => void][] = [
  [
    'nobody may delete them',
    ({ bench }) => {
      bench.cluster.before = ({ verb, kind }) => {
        if (verb === 'delete' && kind === 'ConfigMap')
          throw new FaultlineError('PERMISSION_DENIED', 'a policy says no');
      };
    },
  ],
  [
    'finalizers hold them',
    ({ bench: { cluster } }) => {
      const remove = cluster.delete.bind(cluster);
      cluster.delete = async (ref, options) => {
        const object = ref.kind === 'ConfigMap' ? await cluster.get(ref) : undefined;
        if (object === undefined) return remove(ref, options);
        const { uid = '', ...metadata } = object.metadata;
        const held = { deletionTimestamp: '2026-11-22T00:00:00Z', finalizers: ['policy.example/keep'] };
        cluster.add({ ...object, metadata: { ...metadata, uid, ...held } });
      };
    },
  ],
];

/** A run that has put its fault back and could not take its plans away; then somebody sets on purpose what the fault had written. */
async function ended(out: string, keep: (run: DyingRun) => void): Promise<DyingRun> {
  const run = new DyingRun(out);
  keep(run);
  await run.dieBefore('the end', [DOWN]);
  const object = (await run.bench.cluster.get(REF)) as KubeObject;
  run.bench.cluster.put({ ...object, spec: { ...(object.spec as object), replicas: 0 } });
  return run;
}

const fromTarget = (run: DyingRun, withJournal: boolean): Promise<Recovered[]> => {
  const ports = recoverPorts(run.bench.clock, run.bench.stop.signal);
  const target = { namespaces: ['default'], lockNamespace: 'default' };
  const journals = withJournal ? knownIn([run.folder]) : [];
  return recoverClusters(
    target,
    [{ cluster: run.bench.cluster }] as never,
    { ...ports, faultKind: run.bench.kinds },
    journals,
  );
};

const undoneOf = ({ recoveries }: Recovered) =>
  recoveries.flatMap(({ undone }) => undone.map(({ outcome }) => `${outcome.state}: ${outcome.detail}`));
const SAID =
  'undone: the journal of its run says that it was undone, though its plan was still in the cluster: nothing was written for it';

describe('plans that a run could not take away when all was undone', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'faultline-closed-'));
  });
  afterEach(() => rmSync(out, { recursive: true, force: true }));

  for (const [what, keep] of KEPT) {
    it(`are told at its end, and by each recovery while they are there: ${what}`, async () => {
      const run = await ended(out, keep);
      const notices = run.bench.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));
      expect(notices.filter((text) => text.includes(COMMAND))).to.have.length(1);
      expect(notices.join()).to.contain(
        `cluster tokyo: the plans of run ${RUN} in ConfigMap default/faultline-run could not`,
      );
      const [recovery] = (await run.recover()).recoveries;
      expect(recovery?.problems.join()).to.contain(COMMAND);
    });

    it(`open nothing again that the journal of that run says is undone: ${what}`, async () => {
      const run = await ended(out, keep);
      for (const result of [await run.recover(), ...(await fromTarget(run, true))]) {
        expect(undoneOf(result)).to.deep.equal([SAID]);
      }
      expect((await run.bench.cluster.get(REF))?.spec).to.include({ replicas: 0 });
      const closed = readJournal(run.folder.journal).entries.filter(({ state }) => state === 'closed');
      expect(closed, 'closed once, by the run').to.have.length(1);
    });
  }

  it('go when they can, without a look at what has become of its faults', async () => {
    const run = await ended(out, KEPT[0]?.[1] ?? (() => {}));
    run.bench.cluster.before = () => {};
    expect(undoneOf(await run.recover())).to.deep.equal([SAID]);
    expect(await readClusterJournal(run.bench.cluster, 'default')).to.equal(undefined);
    expect(await run.bench.cluster.get(plansRef('default'))).to.equal(undefined);
  });

  it('are an open question where no journal is read, or it is of another run or cluster', async () => {
    const run = await ended(out, KEPT[0]?.[1] ?? (() => {}));
    for (const result of await fromTarget(run, false)) expect(undoneOf(result).join()).to.match(/^failed: /);
    const [known] = knownIn([run.folder]);
    for (const change of [{ runId: 'another' }, { where: { ...known?.where, uid: 'another' } }]) {
      const ports = { ...recoverPorts(run.bench.clock, run.bench.stop.signal), faultKind: run.bench.kinds };
      const target = { namespaces: ['default'], lockNamespace: 'default' };
      const other = [{ ...known, ...change }] as never;
      const [result] = await recoverClusters(target, [{ cluster: run.bench.cluster }] as never, ports, other);
      expect(undoneOf(result as Recovered).join()).to.match(/^failed: /);
    }
  });
});
