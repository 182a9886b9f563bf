import { expect } from 'chai';
import { alteredCluster } from '../faults/altered-cluster.ts';
import { type ErrorCode, FaultlineError } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import { leasedUndo } from './leased-undo.ts';
import { BenchRun, SWAP } from './testing/bench-run.ts';

const REF = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };

/** Undoes without the lease; a fault that somebody has recovered, or whose marks somebody has only taken off. */
async function undoWithoutLease(isRecovered: boolean, code: ErrorCode = 'LEASE_LOST'): Promise<string> {
  const bench = new BenchRun();
  const { cluster, clock, stop } = bench;
  const [fault] = (await bench.plan([SWAP])).faults;
  if (fault === undefined) throw new Error('there is a fault');
  const { plan, kind } = fault;
  const context = { runId: plan.runId, cluster, clock, now: () => 0, signal: stop.signal, onAffected: () => {} };
  const before = await cluster.get(REF);
  await kind.inject(plan, context);
  const on = await cluster.get(REF);
  if (before === undefined || on === undefined) throw new Error('it is there');
  const { labels, annotations: _marks, ...metadata } = on.metadata;
  const spec = structuredClone(on.spec) as unknown as { template: { metadata?: { annotations?: object } } };
  delete spec.template.metadata?.annotations;
  const { 'faultline.dev/run': _run, ...kept } = labels ?? {};
  const bare = { ...on, metadata: { ...metadata, labels: kept }, spec };
  let isFirst = true;
  const patch = async (): Promise<never> => {
    if (isFirst) cluster.put((isRecovered ? before : bare) as typeof on);
    isFirst = false;
    throw new FaultlineError(code, 'not written');
  };
  const leased = alteredCluster(cluster, { patch });
  const open = { kind, plan, context } as unknown as Parameters<typeof leasedUndo>[0];
  const undone = leasedUndo(open, leased, 'default', async () => {});
  const outcome = await undone.kind.undo(plan, undone.context).catch((error: FaultlineError) => error);
  return outcome instanceof FaultlineError ? outcome.code : outcome.detail;
}

describe('an undo that has lost its lease', () => {
  it('is over where its fault was recovered meanwhile', async () => {
    expect(await undoWithoutLease(true)).to.contain('it was recovered elsewhere');
  });

  it('has failed where only its marks are gone, and its fault stands', async () => {
    expect(await undoWithoutLease(false)).to.equal('LEASE_LOST');
  });

  it('is no other one that has failed, though its plans are gone', async () => {
    expect(await undoWithoutLease(true, 'PERMISSION_DENIED')).to.equal('PERMISSION_DENIED');
  });
});
