import { expect } from 'chai';
import { FaultlineError } from '../../../model/errors.ts';
import type { FaultKind, FaultPlan } from '../../../model/fault.ts';
import { KINDS } from '../../../model/kubernetes.ts';
import type { FaultBlock } from '../../../model/scenario.ts';
import { blockOf, type Check, hurried, settled, shortContext, stageSystem } from './stage.ts';

/** Fields that name what is hit, of which one is enough; and fields that narrow it. */
const NAMES = ['deployment', 'statefulSet', 'daemonSet', 'rollout', 'service', 'node'];
const LABELS = ['selector', 'hits', 'callers', 'target'];
const NARROW = ['zone', ...LABELS];

const has = (kind: FaultKind, field: string): boolean =>
  field in (kind.schema as { properties: Record<string, unknown> }).properties;

/** The example aimed by other fields; those in the place of which they stand are left out. */
function aimedBy(kind: FaultKind, fields: FaultBlock, instead: readonly string[]): FaultBlock {
  const kept = Object.entries(blockOf(kind)).filter(([name]) => !instead.includes(name));
  return { ...Object.fromEntries(kept), ...fields };
}

async function planOf(kind: FaultKind, spec: FaultBlock): Promise<unknown> {
  const cluster = stageSystem();
  const end = await settled(kind.plan({ name: 'broken', spec }, shortContext(cluster)));
  expect(cluster.writes).to.equal(0);
  return end;
}

/** Each field counts: who is named and not there, or has none of the labels, is nobody to be hit. */
async function nobody(kind: FaultKind): Promise<void> {
  const named = NAMES.filter((field) => has(kind, field)).map((field) =>
    aimedBy(kind, { [field]: 'ghost' }, [...NAMES, 'zone']),
  );
  const narrowed = NARROW.filter((field) => has(kind, field)).map((field) =>
    aimedBy(kind, { [field]: LABELS.includes(field) ? { app: 'ghost' } : 'ghost' }, []),
  );
  for (const spec of [...named, ...narrowed]) {
    const end = await planOf(kind, spec);
    expect(end, `plan of ${JSON.stringify(spec)}`).to.be.instanceOf(FaultlineError);
    expect((end as FaultlineError).code, String(end)).to.equal('FAULT_NO_TARGET');
  }
}

/** Labels are what is hit, and nobody else. */
async function labelled(kind: FaultKind): Promise<void> {
  const wanted = { app: 'mockb', version: 'ap-northeast-1b' };
  for (const field of LABELS.filter((one) => has(kind, one))) {
    const end = await planOf(kind, aimedBy(kind, { [field]: wanted }, [...NAMES, 'zone', 'unlimited']));
    if (end instanceof FaultlineError) continue;
    const pods = stageSystem().all(KINDS.pod);
    const own = pods.filter(({ metadata }) => metadata.labels?.version === wanted.version);
    const names = own.map(({ metadata }) => metadata.name);
    const { affected } = end as FaultPlan;
    expect(names, `pods with the labels of ${field}`).to.include.members(affected.map(({ pod }) => pod));
  }
}

/** Two pods of two Deployments are hit and put back as one is, and named apart. */
async function several(kind: FaultKind): Promise<void> {
  const [field] = LABELS.filter((one) => has(kind, one));
  // The two are in two zones.
  if (field === undefined || ((kind.schema as { required: string[] }).required ?? []).includes('zone')) return;
  const zones = ['ap-northeast-1a', 'ap-northeast-1b'];
  const more = {
    ...(has(kind, 'count') ? { count: 2 } : {}),
    ...(has(kind, 'unlimited') ? { unlimited: zones.map((zone) => `mockb-${zone}`) } : {}),
  };
  const spec = aimedBy(kind, { [field]: { app: 'mockb' }, ...more }, [...NAMES, 'zone']);
  const cluster = stageSystem();
  const before = cluster.snapshot();
  const plan = await kind.plan({ name: 'broken', spec }, shortContext(cluster));
  expect(plan.affected.map(({ workload }) => workload)).to.have.members(zones.map((zone) => `mockb-${zone}`));
  expect((await kind.prove(plan, hurried(cluster))).proven).to.equal(false);
  await kind.inject(plan, shortContext(cluster));
  const { proven, detail } = await kind.prove(plan, shortContext(cluster));
  expect(proven, detail).to.equal(true);
  const outcome = await kind.undo(plan, shortContext(cluster));
  expect([outcome.state, cluster.snapshot()], outcome.detail).to.deep.equal(['undone', before]);
}

export const AIM: readonly Check[] = [
  { name: 'has nobody to hit where a field of its aim names nobody', check: nobody },
  { name: 'hits several as it hits one', check: several },
  { name: 'hits nobody but the pods with the labels of its aim', check: labelled },
];
