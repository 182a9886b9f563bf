import { expect } from 'chai';
import { alteredCluster } from '../faults/altered-cluster.ts';
import { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { errorOf } from '../faults/testing/steps.ts';
import { FaultlineError } from '../model/errors.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import {
  deleteClusterJournal,
  keptPlansText,
  readClusterJournal,
  refuseOpenOrHeld,
  writeClusterJournal,
} from './cluster-journal.ts';
import { ClusterLease } from './cluster-lease.ts';
import { plansRef } from './lock-objects.ts';
import { virtualClock } from './testing/virtual-clock.ts';

const PLAN = { kind: 'noop', fault: 'a', cluster: 'tokyo', objects: [], namespaces: [], permissions: [] };

/** A cluster with plans in it, whose first so many deletions are answered by something on the way that does nothing. */
async function answeredFor(times: number): Promise<{ readonly real: FakeCluster; readonly seen: Cluster }> {
  const real = new FakeCluster();
  await writeClusterJournal(real, 'default', '1', []);
  let left = times;
  const remove: Cluster['delete'] = async (...args) => (left-- > 0 ? undefined : real.delete(...args));
  return { real, seen: alteredCluster(real, { delete: remove }) };
}

describe('the plans in a cluster', () => {
  it('are gone when that was seen, and deleted again where a success was none', async () => {
    const { real, seen } = await answeredFor(1);
    await deleteClusterJournal(seen, 'default', '1', virtualClock());
    expect(await readClusterJournal(real, 'default')).to.equal(undefined);
  });

  it('are those of the first of two runs that come at the same moment: the other one is refused as by any open run', async () => {
    const cluster = new FakeCluster();
    const writing = ['1', '2'].map((runId) => writeClusterJournal(cluster, 'default', runId, []));
    const ends = await Promise.allSettled(writing);
    expect(ends.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected']);
    expect(ends[1]).to.have.nested.property('reason.code', 'OPEN_RUN');
    expect((await readClusterJournal(cluster, 'default'))?.runId).to.equal('1');
  });

  it('are refused for what the cluster says, and not for another run that has come meanwhile', async () => {
    const cluster = new FakeCluster();
    cluster.before = ({ verb }) => {
      if (verb !== 'create') return;
      cluster.before = () => {};
      cluster.add({
        ...plansRef('default'),
        metadata: { ...plansRef('default'), labels: { [RUN_LABEL]: '2' } },
        data: { 'plans.json': '[]' },
      });
      throw new FaultlineError('PERMISSION_DENIED', 'may not create');
    };
    const refused = await writeClusterJournal(cluster, 'default', '1', []).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'PERMISSION_DENIED' });
  });

  it('are refused, and not left, where admission does not store them as they were sent', async () => {
    const changes: readonly [string, (object: KubeObject) => void][] = [
      ['the plans in plans.json', (object) => Object.assign(object, { data: { 'plans.json': '[]' } })],
      ['the plans in plans.json', (object) => Object.assign(object, { data: {} })],
      [`the label ${RUN_LABEL}`, ({ metadata }) => Object.assign(metadata, { labels: {} })],
    ];
    for (const [what, change] of changes) {
      const cluster = new FakeCluster();
      cluster.admit = (object) => {
        change(object);
        return object;
      };
      const writing = writeClusterJournal(cluster, 'default', '1', [{ ...PLAN, runId: '1' }] as never);
      expect(await errorOf(writing)).to.match(
        new RegExp(
          `^FAULT_REFUSED: cluster tokyo: ConfigMap default/faultline-run: admission .* ${what}, .*; it was deleted at once`,
        ),
      );
      expect(cluster.all(KINDS.configMap)).to.deep.equal([]);
    }
  });

  it('are of the run that they name, and of the one on their label where they name none or several', async () => {
    const told = async (label: string | undefined, named: readonly string[], wanted?: string) => {
      const cluster = new FakeCluster();
      const plans = named.map((runId) => ({ ...PLAN, runId }));
      await writeClusterJournal(cluster, 'default', 'x', plans as never);
      const object = await cluster.get(plansRef('default'));
      const labels: Record<string, string> = label === undefined ? {} : { [RUN_LABEL]: label };
      if (object !== undefined) cluster.add({ ...object, metadata: { ...object.metadata, labels } });
      return (await readClusterJournal(cluster, 'default', wanted))?.runId;
    };
    expect(await told('1', [])).to.equal('1');
    expect(await told('2', ['1'])).to.equal('1');
    expect(await told('2', ['1', '2'])).to.equal('2');
    expect(await told(undefined, ['1', '2'])).to.equal('1');
    expect(await told(undefined, [])).to.equal('unknown');
    expect(await told('2', ['1', '3'], '3'), 'one that is asked for').to.equal('3');
    expect(await told('2', ['1'], '2')).to.equal('2');
    expect(await told('2', ['1'], '4')).to.equal('1');
  });

  it('are refused without a write where another run has left its own', async () => {
    const { real } = await answeredFor(0);
    const { writes } = real;
    const create = () => expect.fail('nothing is to be written');
    const error: unknown = await writeClusterJournal(alteredCluster(real, { create }), 'default', '2', []).catch(
      (reason) => reason,
    );
    expect(error).to.include({ code: 'OPEN_RUN', message: 'cluster tokyo: run 1 has not been undone' });
    expect(real.writes).to.equal(writes);
  });

  it('are not taken away where they are another run’s by the time of the deletion', async () => {
    const { real } = await answeredFor(0);
    const remove: Cluster['delete'] = async (...args) => {
      const [{ kind, namespace, name }] = args;
      real.objects.delete(`${kind} ${namespace}/${name}`);
      await writeClusterJournal(real, 'default', '2', []);
      return real.delete(...args);
    };
    const seen = alteredCluster(real, { delete: remove });
    await deleteClusterJournal(seen, 'default', '1', virtualClock());
    expect((await readClusterJournal(real, 'default'))?.runId).to.equal('2');
  });

  it('are not said to be gone while they are there', async () => {
    const { seen } = await answeredFor(Number.POSITIVE_INFINITY);
    const named = alteredCluster(seen, { kubectl: { context: 'staging' } });
    const error: unknown = await deleteClusterJournal(named, 'default', '1', virtualClock()).catch((reason) => reason);
    expect(error).to.have.property('code', 'KUBE_API');
    expect(keptPlansText(named, 'default', '1', error))
      .to.contain('cluster tokyo: the plans of run 1 in ConfigMap default/faultline-run')
      .and.contain('it was deleted with success and is still there')
      .and.contain('kubectl --context staging -n default delete configmap/faultline-run --wait=false');
  });

  it('are not said to be gone while finalizers hold them, and are on their way where none do', async () => {
    for (const finalizers of [['policy.example/keep'], []]) {
      const real = new FakeCluster();
      await writeClusterJournal(real, 'default', '1', []);
      const remove: Cluster['delete'] = async (ref) => {
        const object = (await real.get(ref)) as KubeObject;
        real.add({
          ...object,
          metadata: { ...object.metadata, deletionTimestamp: '2026-11-22T00:00:00Z', finalizers },
        });
      };
      const seen = alteredCluster(real, { delete: remove });
      const said = await errorOf(deleteClusterJournal(seen, 'default', '1', virtualClock()));
      expect(said).to.equal(
        finalizers.length === 0
          ? 'none'
          : 'KUBE_API: it is deleted and held by its finalizers: policy.example/keep (a controller of policy.example) ()',
      );
      expect(await readClusterJournal(real, 'default')).to.include({ held: true });
    }
  });

  it('refuse a run with what there is to do: recover them, or wait where somebody holds the lease and may live', async () => {
    const cluster = new FakeCluster();
    await refuseOpenOrHeld(cluster, 'default');
    await writeClusterJournal(cluster, 'default', '1', []);
    const refusal = () => refuseOpenOrHeld(cluster, 'default').catch((reason) => reason);
    expect(await refusal())
      .to.include({ code: 'OPEN_RUN' })
      .and.have.property('hint')
      .that.matches(/^Undo it first/);
    const lease = new ClusterLease(cluster, 'default', '1/a/1', virtualClock());
    await lease.take({ stop: new AbortController().signal, onWatch: () => {} });
    const held = await refusal();
    expect(held)
      .to.include({ code: 'OPEN_RUN' })
      .and.have.property('message')
      .that.matches(/not been undone, and .*holds it/);
    expect(held.hint).to.contain('--wait').and.to.contain('recover --scan');
    await lease.release();
  });
});
