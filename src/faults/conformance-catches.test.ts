import { expect } from 'chai';
import type { FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import { faultKind } from './index.ts';
import { CONFORMANCE } from './testing/conformance.ts';
import { type Flaw, SCALE_FLAWS } from './testing/scale-flaws.ts';

const swap = faultKind('imageSwap');
const kill = faultKind('podKill');
const hole = faultKind('zoneNetworkPolicy');
const cut = faultKind('zoneBlackhole');

const DEPLOYMENT = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };
const IMAGE = '/spec/template/spec/containers/0/image';

const swallow = async (work: Promise<unknown>): Promise<void> => void (await work.catch(() => {}));

const rude = async (plan: FaultPlan, context: FaultContext) => {
  const image = 'asm-mock:v0.1';
  await context.cluster.patch(DEPLOYMENT, [{ op: 'replace', path: IMAGE, value: image }]).catch(() => {});
  return swap.undo(plan, context);
};

const FLAWS: readonly Flaw[] = [
  ['has an example that its schema refuses', { ...swap, example: { ...swap.example, imgae: 'x' } }, /valid example/],
  ['plans with what JSON drops', withPlan(swap, (plan) => ({ ...plan, data: new Date(0) as never })), /pure data/],
  [
    'plans something else each time',
    withPlan(kill, (plan) => ({ ...plan, summary: `${Math.random()} victims` })),
    /plans/,
  ],
  [
    'writes while it plans',
    {
      ...kill,
      plan: async (fault, context) => {
        await context.cluster.delete({ ...KINDS.pod, namespace: 'default', name: 'x' });
        return kill.plan(fault, context);
      },
    },
    /plans without a write/,
  ],
  [
    'calls itself proven whatever it sees',
    { ...hole, prove: async () => ({ proven: true, observed: false, detail: 'surely' }) },
    /proven only while it is on/,
  ],
  [
    'forgets its undo',
    { ...hole, undo: async ({ objects }) => ({ state: 'undone', detail: 'done', objects, commands: [] }) },
    /is undone$/,
  ],
  ['undoes without looking first', { ...swap, undo: rude }, /or without having been on, without a write/],
  ['overwrites what somebody has shipped', { ...swap, undo: rude }, /ships another image/],
  ['swallows errors of its injection', { ...swap, inject: (...args) => swallow(swap.inject(...args)) }, /is killed$/],
  [
    'goes on after a failed injection as if it was on',
    { ...hole, inject: (...args) => swallow(hole.inject(...args)) },
    /request of its injection fails/,
  ],
  [
    'takes an error for the end of its undo',
    { ...hole, undo: (plan, context) => hole.undo(plan, context).catch(() => undone(plan)) },
    /request of its undo fails/,
  ],
  ['waits for nobody in a hurry', { ...hole, undo: hasty }, /without waiting/],
  ['asks for too little', withoutRule(hole, KINDS.job.kind), /permissions/],
  [
    'asks for an object and not for its subresource',
    { ...cut, permissions: cut.permissions.map(({ subresource: _part, ...rule }) => rule) },
    /permissions/,
  ],
  ['leaves a container at work in a pod', { ...cut, undo: async (plan) => undone(plan) }, /is undone$/],
  [
    'tells nothing of its plan',
    { ...cut, marks: cut.marks.map(({ plans: _plans, ...mark }) => mark) },
    /objects alone/,
  ],
  ['undoes all of an object or nothing', { ...swap, undo: wholeOnly }, /takes back each field/],
  ['has put a container into a pod and does not say so', { ...cut, marks: [] }, /marks the kinds/],
  [
    'asks for too much',
    { ...kill, permissions: [...kill.permissions, { kind: KINDS.job, verbs: ['list'], scope: 'namespace' }] },
    /permissions/,
  ],
  ['marks more than it says', { ...hole, marks: hole.marks.slice(1) }, /marks the kinds/],
  ['says it marks what it does not', { ...kill, marks: swap.marks }, /marks the kinds/],
  ['works on a damaged plan', { ...kill, undo: async (plan) => undone(plan) }, /damaged plan/],
  ['never gives up keeping itself up', { ...kill, sustain: async () => {} }, /cannot be kept up/],
  ['has no documentation', { ...kill, doc: '' }, /documented/],
];

async function wholeOnly(plan: FaultPlan, context: FaultContext): Promise<UndoOutcome> {
  const object = (await context.cluster.get(DEPLOYMENT)) as { spec?: object } | undefined;
  const isWhole = JSON.stringify(object?.spec).includes('curl:8.1.2","command":["sleep","3600"]');
  if (isWhole) return swap.undo(plan, context);
  return { state: 'conflict', detail: 'it was left alone', objects: plan.objects, commands: [] };
}

function undone(plan: FaultPlan) {
  return { state: 'undone', detail: 'done', objects: plan.objects, commands: [] } as const;
}

async function hasty(plan: FaultPlan, context: FaultContext) {
  return context.signal.aborted ? undone(plan) : hole.undo(plan, context);
}

function withPlan(kind: FaultKind, change: (plan: FaultPlan) => FaultPlan): FaultKind {
  return { ...kind, plan: async (fault, context) => change(await kind.plan(fault, context)) };
}

function withoutRule(kind: FaultKind, name: string): FaultKind {
  const permissions = kind.permissions.filter(({ kind: asked }) => asked.kind !== name);
  return { ...kind, permissions };
}

describe('the conformance suite', () => {
  for (const [what, kind, name] of [...FLAWS, ...SCALE_FLAWS]) {
    it(`catches a kind that ${what}`, async () => {
      const checks = CONFORMANCE.filter((check) => name.test(check.name));
      expect(checks, String(name)).to.not.deep.equal([]);
      const ends = await Promise.all(checks.map(({ check }) => check(kind).catch((error: Error) => error)));
      expect(ends.filter((end) => end instanceof Error)).to.not.deep.equal([]);
    });
  }
});
