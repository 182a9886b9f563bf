import { expect } from 'chai';
import { FaultlineError } from '../../../model/errors.ts';
import type { FaultKind } from '../../../model/fault.ts';
import type { KubeObject } from '../../../model/kubernetes.ts';
import type { Json } from '../../../model/scenario.ts';
import { sameJson } from '../../marks.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import { type Leaf, setAt, thirdValue, valueAt } from './leaves.ts';
import { type Check, planned, settled, shortContext, stageSystem, undoWhole } from './stage.ts';
import { type Change, changesOf } from './thirds.ts';

/** A system whose admission makes another value of one that is written to a field, where it makes one. */
function underAdmission(
  { key, leaf: { path } }: Change,
  from: Json | undefined,
  to: Json | undefined,
  inDryRuns = true,
): FakeCluster {
  const cluster = stageSystem();
  cluster.admit = (object: KubeObject, isDryRun: boolean) => {
    if (isDryRun && !inDryRuns) return object;
    const { kind, metadata } = object;
    const isIt =
      `${kind} ${metadata.namespace ?? ''}/${metadata.name}` === key && sameJson(valueAt(object, path), from);
    if (isIt && to !== undefined) setAt(object, path, to);
    return object;
  };
  return cluster;
}

/** Where there are only two values, the other one is that of before. */
const otherValue = (leaf: Leaf): Json | undefined => thirdValue(leaf) ?? leaf.before ?? false;

/** What admission makes of its writes is its own doing: it is planned with that, or not at all. */
async function rewritten(kind: FaultKind): Promise<void> {
  for (const change of await changesOf(kind)) {
    const { key, leaf } = change;
    const what = `${key} /${leaf.path.join('/')} under admission`;
    const cluster = underAdmission(change, leaf.after, otherValue(leaf));
    const before = cluster.snapshot();
    const plan = await settled(planned(kind, cluster));
    expect(cluster.writes, `${what}: writes of the plan`).to.equal(0);
    if (plan instanceof Error) {
      expect(plan, what).to.be.instanceOf(FaultlineError);
      expect((plan as FaultlineError).code, what).to.be.oneOf(['FAULT_REFUSED', 'FAULT_NO_TARGET']);
      continue;
    }
    const on = { cluster, before, plan: plan as Awaited<ReturnType<typeof planned>> };
    await kind.inject(on.plan, shortContext(cluster));
    const { proven, detail } = await kind.prove(on.plan, shortContext(cluster));
    expect(proven, `${what}: ${detail}`).to.equal(true);
    await undoWhole(kind, on, what);
  }
}

/** What admission makes of the real write alone, which no dry run tells, is named as what it is, and is not left. */
async function untold(kind: FaultKind): Promise<void> {
  for (const change of await changesOf(kind)) {
    const { key, leaf } = change;
    const what = `${key} /${leaf.path.join('/')} under admission of real writes`;
    const cluster = underAdmission(change, leaf.after, otherValue(leaf), false);
    const before = cluster.snapshot();
    const on = { cluster, before, plan: await planned(kind, cluster) };
    const end = await settled(kind.inject(on.plan, shortContext(cluster)));
    if (end instanceof Error) {
      expect((end as FaultlineError).code, what).to.equal('FAULT_REFUSED');
      expect(end.message, what).to.contain('admission of the cluster has made').and.contain('put back at once');
    } else {
      const { proven, detail } = await kind.prove(on.plan, shortContext(cluster));
      expect(proven, `${what}: ${detail}`).to.equal(true);
    }
    await undoWhole(kind, on, what);
  }
}

/** What admission would not let stand again is not taken away. */
async function unkept(kind: FaultKind): Promise<void> {
  for (const change of await changesOf(kind)) {
    const { before, after } = change.leaf;
    const other = thirdValue({ ...change.leaf, after: before ?? after }) ?? after;
    const cluster = underAdmission(change, before, other);
    const end = await settled(planned(kind, cluster));
    const what = `admission makes ${JSON.stringify(other)} of ${JSON.stringify(before)} in ${change.key}`;
    expect(end, what).to.be.instanceOf(FaultlineError);
    expect((end as FaultlineError).code, what).to.be.oneOf(['FAULT_REFUSED', 'FAULT_NO_TARGET']);
  }
}

export const ADMISSION: readonly Check[] = [
  {
    name: 'is proven and undone where admission makes another value of what it writes, or is not planned',
    check: rewritten,
  },
  { name: 'is refused and undone where admission makes another value of the real write alone', check: untold },
  { name: 'is not planned where admission would make another value of what it puts back', check: unkept },
];
