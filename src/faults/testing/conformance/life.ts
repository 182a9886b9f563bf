import { expect } from 'chai';
import type { FaultKind, FaultPlan } from '../../../model/fault.ts';
import type { TouchedObject } from '../../../model/history.ts';
import { KINDS } from '../../../model/kubernetes.ts';
import type { Json } from '../../../model/scenario.ts';
import { permissionsIn } from '../../define.ts';
import { stateOf } from '../cluster-state.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import { RUN } from '../fake-system.ts';
import {
  blockOf,
  type Check,
  hurried,
  planned,
  requestsOf,
  settled,
  shortContext,
  stage,
  stageOn,
  stageSystem,
  undoWhole,
} from './stage.ts';

/** A kind without any effect has nothing to prove and nothing to touch. */
const isNone = (plan: FaultPlan) => plan.signature === 'none';

type Fields = { readonly [field: string]: { readonly description?: string } };

async function example(kind: FaultKind): Promise<void> {
  const { properties } = kind.schema as { properties: Fields };
  for (const { description, examples = [] } of nodesIn(kind.schema)) {
    expect([description, ...(examples as Json[])], 'words and examples of a schema').to.not.include('');
  }
  for (const { properties: fields = {} } of nodesIn(kind.schema) as { properties?: Fields }[]) {
    for (const [field, { description }] of Object.entries(fields)) expect(description, field).to.match(/^\S.{4,}/);
  }
  expect(Object.keys(properties)).to.include.members(Object.keys(kind.example));
  expect(blockOf(kind)).to.have.property('cluster', 'tokyo');
}

type Node = { readonly [part: string]: Json };

/** Every mapping inside a schema. */
function nodesIn(schema: Json): Node[] {
  if (schema === null || typeof schema !== 'object') return [];
  const inside = Object.values(schema).flatMap(nodesIn);
  return Array.isArray(schema) ? inside : [schema as Node, ...inside];
}

/** A field that must be there, alone or in place of others, is one that can be there; so is a word. */
async function required(kind: FaultKind): Promise<void> {
  for (const { properties, required: own = [], anyOf = [], oneOf = [], enum: words = [], minItems } of nodesIn(
    kind.schema,
  )) {
    // A list of one is a list; an empty one is left out.
    expect(minItems).to.be.oneOf([undefined, 1]);
    for (const word of words as Json[]) expect(word).to.not.equal('');
    if (properties === undefined) continue;
    const ways = [...(anyOf as Node[]), ...(oneOf as Node[])].map((way) => (way.required ?? []) as string[]);
    expect(Object.keys(properties as object)).to.include.members([...(own as string[]), ...ways.flat()]);
  }
}

async function plan(kind: FaultKind): Promise<void> {
  const cluster = stageSystem();
  const before = cluster.snapshot();
  const made = await kind.plan({ name: 'broken', spec: blockOf(kind) }, shortContext(cluster));
  expect([cluster.writes, cluster.snapshot()]).to.deep.equal([0, before]);
  expect(JSON.parse(JSON.stringify(made))).to.deep.equal(made);
  expect(made).to.include({ kind: kind.kind, fault: 'broken', runId: RUN, cluster: 'tokyo' });
  // What belongs to no namespace is in none.
  expect(made.namespaces).to.include.members(made.objects.map(({ namespace }) => namespace).filter(Boolean));
  expect(made.permissions).to.deep.equal(permissionsIn(kind.permissions, made.namespaces));
  expect(made.affected.map(({ zone }) => zone)).to.include.members([...made.cutsOff]);
  expect([made.summary, made.deadMan].every((text) => text.length > 10)).to.equal(true);
  expect(await planned(kind, cluster)).to.deep.equal(made);
}

async function life(kind: FaultKind): Promise<void> {
  const on = await stage(kind);
  const context = shortContext(on.cluster);
  expect((await kind.prove(on.plan, hurried(on.cluster))).proven).to.equal(isNone(on.plan));
  await kind.inject(on.plan, context);
  expect(on.cluster.writes > 0).to.equal(!isNone(on.plan));
  const { writes } = on.cluster;
  const proof = await kind.prove(on.plan, context);
  expect(proof.proven, proof.detail).to.equal(true);
  expect(on.cluster.writes).to.equal(writes);
  const outcome = await undoWhole(kind, on, 'after a whole life');
  expect(outcome.commands).to.deep.equal([]);
  const back = ({ before }: TouchedObject) => (before === undefined ? {} : { after: before });
  const wanted = on.plan.objects.map((one) =>
    one.state === 'one-shot' ? one : { ...one, ...back(one), state: 'put-back' },
  );
  expect(outcome.objects, 'what became of each object of the plan').to.deep.equal(wanted);
}

async function again(kind: FaultKind): Promise<void> {
  const never = await stage(kind);
  await undoWhole(kind, never, 'never injected');
  expect(never.cluster.writes).to.equal(0);
  const on = await stageOn(kind);
  await undoWhole(kind, on, 'the first time');
  const { writes } = on.cluster;
  await undoWhole(kind, on, 'the second time');
  expect(on.cluster.writes).to.equal(writes);
}

/** Nothing but the plan is there, and the cluster has another name. */
async function elsewhere(kind: FaultKind): Promise<void> {
  const on = await stageOn(kind);
  on.cluster.name = 'tokyo-from-another-machine';
  await undoWhole(kind, on, 'elsewhere');
}

async function hurry(kind: FaultKind): Promise<void> {
  const on = await stageOn(kind);
  const outcome = await kind.undo(on.plan, hurried(on.cluster));
  expect(outcome.state).to.equal('undone');
  expect(on.cluster.snapshot()).to.deep.equal(on.before);
}

/** What is written back is not back before the controllers have followed: pods, not specs; whoever is in a hurry. */
async function unfollowed(kind: FaultKind): Promise<void> {
  for (const contextFor of [shortContext, hurried]) {
    const on = await stageOn(kind);
    const pods = (cluster: FakeCluster) => stateOf(cluster.all(KINDS.pod));
    on.cluster.frozen = true;
    const { state, detail, commands } = await kind.undo(on.plan, contextFor(on.cluster));
    if (JSON.stringify(pods(on.cluster)) === JSON.stringify(pods(stageSystem()))) return;
    expect(state, `${contextFor.name}: its pods are still as it made them: ${detail}`).to.equal('failed');
    expect(commands.join('\n'), 'how to find out why').to.contain('kubectl');
  }
}

/** A plan of a damaged journal, or of another kind, must not be worked on. */
async function damaged(kind: FaultKind): Promise<void> {
  const { cluster, plan: whole } = await stage(kind);
  const parts = Object.keys(whole.data as object).map((part): Json => without(whole.data, part));
  const broken = [null, 'text', [], {}, ...parts].map((data) => ({ ...whole, data }));
  for (const bad of [...broken, { ...whole, kind: 'other' }]) {
    for (const step of [kind.inject, kind.prove, kind.undo, ...(kind.sustain === undefined ? [] : [kind.sustain])]) {
      const requests = await requestsOf(cluster, async () => {
        const end = await settled(step(bad, hurried(cluster)));
        expect(end, JSON.stringify(bad.data)).to.include({ code: 'JOURNAL' });
        expect(String(end)).to.contain(`the plan of fault ${bad.fault} is damaged: it is not one of ${kind.kind}`);
      });
      expect(requests).to.equal(0);
    }
  }
}

function without(data: Json, part: string): Json {
  return Object.fromEntries(Object.entries(data as object).filter(([name]) => name !== part)) as Json;
}

/** What keeps a fault up ends with its signal, and says so when the API server stays away. */
async function sustain(kind: FaultKind): Promise<void> {
  if (kind.sustain === undefined) return;
  const on = await stageOn(kind);
  const { writes } = on.cluster;
  await kind.sustain(on.plan, hurried(on.cluster));
  expect(on.cluster.writes).to.equal(writes);
  on.cluster.before = () => {
    throw new Error('away');
  };
  expect(String(await settled(kind.sustain(on.plan, shortContext(on.cluster))))).to.contain('away');
}

export const LIFE: readonly Check[] = [
  { name: 'has a valid example, and a description of every field', check: example },
  { name: 'asks for no field and offers no word that there is not', check: required },
  { name: 'plans without a write, as pure data, with what its rules say', check: plan },
  { name: 'is proven only while it is on, and is undone', check: life },
  { name: 'is undone again, or without having been on, without a write', check: again },
  { name: 'is undone from its plan alone, on another machine', check: elsewhere },
  { name: 'is not called undone while its pods are not back', check: unfollowed },
  { name: 'is undone without waiting when nobody has time', check: hurry },
  { name: 'does not touch anything on the word of a damaged plan', check: damaged },
  { name: 'ends with its signal and says when it cannot be kept up', check: sustain },
];
