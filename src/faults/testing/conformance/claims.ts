import { expect } from 'chai';
import { FaultlineError } from '../../../model/errors.ts';
import type { FaultKind, FaultPlan } from '../../../model/fault.ts';
import type { TouchedObject } from '../../../model/history.ts';
import { RUN_LABEL, UNDO_ANNOTATION } from '../../../model/kubernetes.ts';
import type { FaultBlock, Json } from '../../../model/scenario.ts';
import { permissionsIn } from '../../define.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import { changedLeaves } from './leaves.ts';
import { patchedWith } from './merge.ts';
import {
  blockOf,
  type Check,
  calm,
  OTHER_NAMESPACE,
  planned,
  settled,
  shortContext,
  stage,
  stageSystem,
  undoWhole,
} from './stage.ts';

const keyOf = ({ kind, namespace, name }: TouchedObject) => `${kind} ${namespace}/${name}`;
const isOneShot = ({ state }: TouchedObject) => state === 'one-shot';

/** Keeps which objects are written from now on. */
function writesOf(cluster: FakeCluster): Set<string> {
  const written = new Set<string>();
  cluster.before = ({ isWrite, kind, namespace, name }) => {
    if (isWrite) written.add(`${kind} ${namespace}/${name}`);
  };
  return written;
}

/** What a reader agrees to is what is done: every object that is written, and no other. */
async function objects(kind: FaultKind): Promise<void> {
  const { plan, cluster } = await stage(kind);
  const written = writesOf(cluster);
  await kind.inject(plan, shortContext(cluster));
  expect(plan.objects.map(keyOf).sort(), 'objects of the plan and objects written').to.deep.equal([...written].sort());
  for (const object of plan.objects.filter((one) => !isOneShot(one))) {
    const { before, during } = object;
    expect(before, `before of ${keyOf(object)}`).to.be.a('string');
    expect(during, `during of ${keyOf(object)}`).to.be.a('string');
    expect(during, `during of ${keyOf(object)} as before`).to.not.equal(before);
  }
}

async function affected(kind: FaultKind): Promise<void> {
  const { plan, cluster } = await stage(kind);
  expect(plan.affected.length > 0, 'somebody is affected').to.equal(plan.signature !== 'none');
  const pods = plan.affected.map(({ namespace, pod }) => `Pod ${namespace}/${pod}`);
  expect([...cluster.objects.keys()]).to.include.members(pods);
  expect(plan.namespaces).to.include.members(plan.affected.map(({ namespace }) => namespace));
}

/** What stands on a changed object is enough for somebody who has nothing else: no journal, no runner. */
async function annotation(kind: FaultKind): Promise<void> {
  const { plan, cluster } = await stage(kind);
  const before = structuredClone(cluster.objects);
  await kind.inject(plan, shortContext(cluster));
  for (const [key, was] of before) {
    const is = cluster.objects.get(key);
    if (is === undefined || is.metadata.uid !== was.metadata.uid || changedLeaves(was, is).length === 0) continue;
    const undo = is.metadata.annotations?.[UNDO_ANNOTATION];
    expect(undo, `${key} carries what to put back`).to.be.a('string');
    const restored = patchedWith(is, JSON.parse(undo ?? '') as Json);
    expect(changedLeaves(was, restored), `${key} patched with ${undo}`).to.deep.equal([]);
  }
}

/** What a fault has written itself is no witness of its effect. A deletion is its own effect; so is nothing at all. */
async function frozen(kind: FaultKind): Promise<void> {
  const { plan, cluster } = await stage(kind);
  if (plan.signature === 'none' || plan.objects.some(isOneShot)) return;
  cluster.frozen = true;
  await kind.inject(plan, shortContext(cluster));
  const { proven, observed, detail } = await kind.prove(plan, shortContext(cluster));
  expect(proven && observed, `no controller has done anything: ${detail}`).to.equal(false);
}

/** Two runs on one object would each put back what the other one wrote. */
async function marked(kind: FaultKind): Promise<void> {
  const { plan } = await stage(kind);
  for (const key of plan.objects.filter((one) => !isOneShot(one)).map(keyOf)) {
    const cluster = stageSystem();
    const object = cluster.objects.get(key);
    if (object === undefined) continue;
    object.metadata.labels = { ...object.metadata.labels, [RUN_LABEL]: 'another' };
    const end = await settled(planned(kind, cluster));
    expect(end, `${key} is marked by another run`).to.include({ code: 'OPEN_RUN' });
    expect(String(end)).to.contain('another');
  }
}

/** The same where the other run came after the plan: an object has one label, and one annotation to put back. */
async function markedSince(kind: FaultKind): Promise<void> {
  const { plan } = await stage(kind);
  for (const key of plan.objects.filter((one) => !isOneShot(one)).map(keyOf)) {
    const on = await stage(kind);
    const object = on.cluster.objects.get(key);
    if (object === undefined) continue;
    object.metadata.labels = { ...object.metadata.labels, [RUN_LABEL]: 'another' };
    const end = await settled(kind.inject(on.plan, shortContext(on.cluster)));
    expect(end, `${key} was marked by another run after the plan`).to.be.instanceOf(FaultlineError);
    expect((end as FaultlineError).code).to.be.oneOf(['OPEN_RUN', 'FAULT_CONFLICT']);
    expect(changedLeaves(object, on.cluster.objects.get(key) ?? object), key).to.deep.equal([]);
  }
}

/** What ends by itself does not end before the time that its block gives it, and not much later. */
async function expiry(kind: FaultKind): Promise<void> {
  const { properties } = kind.schema as { properties: Record<string, unknown> };
  if (properties.expiry === undefined) return;
  const request = { name: 'broken', spec: { ...blockOf(kind), expiry: 90_500 } };
  const { expiresMs = 0 } = await kind.plan(request, shortContext(stageSystem()));
  expect(expiresMs).to.be.within(90_500, 91_500);
}

/** Two namespaces hold objects of the same names: only that of the block is touched. */
async function namespaces(kind: FaultKind): Promise<void> {
  const text = JSON.stringify(kind.example).replaceAll(/"namespaces?":("default"|\[[^\]]*\])/g, (field) =>
    field.replaceAll('"default"', `"${OTHER_NAMESPACE}"`),
  );
  const moved = { ...kind, example: JSON.parse(text) as FaultBlock };
  if (text === JSON.stringify(kind.example)) return;
  const on = await stage(moved);
  expectOnly(on.plan, OTHER_NAMESPACE);
  expect(on.plan.permissions).to.deep.equal(permissionsIn(kind.permissions, [OTHER_NAMESPACE]));
  const asked = new Set<string>();
  on.cluster.before = ({ namespace }) => void asked.add(namespace);
  await kind.inject(on.plan, shortContext(on.cluster));
  expect((await kind.prove(on.plan, shortContext(on.cluster))).proven).to.equal(true);
  await kind.undo(on.plan, shortContext(on.cluster));
  calm(on.cluster);
  expect([OTHER_NAMESPACE, ''], 'namespaces of its requests').to.include.members([...asked]);
  await undoWhole(kind, on, `in namespace ${OTHER_NAMESPACE}`);
}

function expectOnly({ namespaces: named, objects: touched, affected: hit }: FaultPlan, namespace: string): void {
  // What belongs to no namespace is in none.
  const inNamespaces = touched.filter((one) => one.namespace !== '');
  const all = [...named, ...inNamespaces.map((one) => one.namespace), ...hit.map((one) => one.namespace)];
  expect([...new Set(all)], 'namespaces of the plan').to.deep.equal([namespace]);
}

export const CLAIMS: readonly Check[] = [
  { name: 'names in its plan every object that it writes, with what it holds before and during', check: objects },
  { name: 'names in its plan whom it affects', check: affected },
  { name: 'leaves on what it changes a patch that puts it back', check: annotation },
  { name: 'is not proven by its own write alone', check: frozen },
  { name: 'does not plan on what another run has marked', check: marked },
  { name: 'is not injected into what another run has marked since the plan', check: markedSince },
  { name: 'ends by itself no sooner than its block says', check: expiry },
  { name: 'touches the namespace of its block and no other', check: namespaces },
];
