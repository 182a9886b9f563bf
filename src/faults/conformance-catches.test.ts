import { expect } from 'chai';
import type { FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { PlanOf } from './define.ts';
import { faultKind } from './index.ts';
import { markedBy, unmarkOps } from './marks.ts';
import { poll, unproven } from './poll.ts';
import { rewrite } from './rewrite.ts';
import { CONFORMANCE } from './testing/conformance.ts';
import { refOf, SCALE, type ScaleData, scaleWith } from './testing/scale.ts';

const swap = faultKind('imageSwap');
const kill = faultKind('podKill');
const hole = faultKind('zoneBlackhole');

const DEPLOYMENT = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };
const IMAGE = '/spec/template/spec/containers/0/image';

/** What a kind does wrong, and the check that must see it. */
type Flaw = readonly [what: string, kind: FaultKind, check: RegExp];

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
    'asks for too much',
    { ...kill, permissions: [...kill.permissions, { kind: KINDS.job, verbs: ['list'], scope: 'namespace' }] },
    /permissions/,
  ],
  ['marks more than it says', { ...hole, marks: hole.marks.slice(1) }, /marks the kinds/],
  ['says it marks what it does not', { ...kill, marks: swap.marks }, /marks the kinds/],
  ['works on a damaged plan', { ...kill, undo: async (plan) => undone(plan) }, /damaged plan/],
  ['never gives up keeping itself up', { ...kill, sustain: async () => {} }, /cannot be kept up/],
  ['scales back over a third value', scaleWith({ undo: scaleBack }), /third value/],
  ['finds a third value and gives no command', scaleWith({ undo: speechless }), /third value/],
  ['is never proven', scaleWith({ prove: never }), /proof fails/],
  ['waits for ever', scaleWith({ prove: endless }), /proven only while it is on/],
  ['has no documentation', { ...kill, doc: '' }, /documented/],
];

async function scaleBack(plan: PlanOf<ScaleData>, { cluster }: FaultContext): Promise<UndoOutcome> {
  await rewrite(cluster, refOf(plan.data), (object) => {
    if (object === undefined || markedBy(object) !== plan.runId) return [];
    return [{ op: 'replace', path: '/spec/replicas', value: plan.data.before }, ...unmarkOps(object, plan.runId)];
  });
  return { state: 'undone', detail: 'scaled back', objects: plan.objects, commands: [] };
}

async function speechless(plan: PlanOf<ScaleData>, context: FaultContext) {
  return { ...(await SCALE.undo(plan, context)), commands: [] };
}

async function never(_plan: unknown, context: FaultContext) {
  const look = async () => void (await context.cluster.list(KINDS.pod, { namespace: 'default' }));
  return (await poll(context, 90_000, look)) ?? unproven('never');
}

async function endless(_plan: unknown, context: FaultContext) {
  return (await poll(context, Number.POSITIVE_INFINITY, async () => undefined)) ?? unproven('never');
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
  for (const [what, kind, name] of FLAWS) {
    it(`catches a kind that ${what}`, async () => {
      const checks = CONFORMANCE.filter((check) => name.test(check.name));
      expect(checks, String(name)).to.not.deep.equal([]);
      const ends = await Promise.all(checks.map(({ check }) => check(kind).catch((error: Error) => error)));
      expect(ends.filter((end) => end instanceof Error)).to.not.deep.equal([]);
    });
  }
});
