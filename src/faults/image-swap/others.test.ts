import { expect } from 'chai';
import fc from 'fast-check';
import { FaultlineError } from '../../model/errors.ts';
import type { UndoOutcome } from '../../model/fault.ts';
import { KINDS, type KubeObject, PLAN_ANNOTATION, RUN_LABEL } from '../../model/kubernetes.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { planWith } from '../testing/steps.ts';
import { imageSwap } from './index.ts';

const REF = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };
const KEY = `Deployment default/${REF.name}`;
const DURING = { image: 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2', command: 'sleep,3600' };

type Container = { name: string; image: string; command?: string[] };
type Template = { metadata?: { annotations?: Record<string, string> }; spec: { containers: [Container] } };
const templateOf = (object: KubeObject) => (object.spec as unknown as { template: Template }).template;

type Edit = (object: KubeObject) => void;
const inContainer =
  (how: (container: Container) => void): Edit =>
  (object) =>
    how(templateOf(object).spec.containers[0]);

/** What others do to a workload; the first word names the field that it is about. */
const EDITS: Readonly<Record<string, Edit>> = {
  'image third': inContainer((container) => Object.assign(container, { image: 'hotfix:1' })),
  'image back': inContainer((container) => Object.assign(container, { image: 'asm-mock:v0.1' })),
  'command third': inContainer((container) => Object.assign(container, { command: ['serve'] })),
  'command back': inContainer((container) => delete container.command),
  'label gone': ({ metadata }) => delete metadata.labels?.[RUN_LABEL],
  'label changed': ({ metadata }) => Object.assign(metadata, { labels: { ...metadata.labels, [RUN_LABEL]: 'mine' } }),
  'annotations gone': ({ metadata }) => delete metadata.annotations,
  'annotations more': ({ metadata }) =>
    Object.assign(metadata, { annotations: { ...metadata.annotations, note: 'x' } }),
  'template annotations gone': (object) => delete templateOf(object).metadata,
  'template rolled back': (object) => {
    Object.assign(templateOf(object), { spec: { containers: [{ name: 'default', image: 'asm-mock:v0.1' }] } });
    delete templateOf(object).metadata;
  },
};

type Step = { readonly at: number; readonly name: string };
const step = fc.record({ at: fc.integer({ min: 1, max: 14 }), name: fc.constantFrom(...Object.keys(EDITS)) });

/** What others have set last of image and command; undefined where they have not touched it. */
type Theirs = { image?: string | undefined; command?: string | undefined };

/** Lets others edit right before the requests that are numbered so, once each. */
function edited(cluster: FakeCluster, steps: readonly Step[], theirs: Theirs): void {
  const from = cluster.requests;
  cluster.before = ({ at }) => {
    for (const { name } of steps.filter((one) => one.at === at - from)) {
      const next = structuredClone(cluster.objects.get(KEY));
      if (next === undefined) return;
      EDITS[name]?.(next);
      cluster.put(next);
      const { image, command } = templateOf(next).spec.containers[0];
      const isBoth = name === 'template rolled back';
      if (isBoth || name.startsWith('image')) theirs.image = image;
      if (isBoth || name.startsWith('command')) theirs.command = command?.join() ?? 'none';
    }
  };
}

async function lived(steps: readonly Step[]) {
  const cluster = fakeSystem();
  const plan = await planWith(imageSwap, cluster);
  const theirs: Theirs = {};
  edited(cluster, steps, theirs);
  await imageSwap.inject(plan, fakeContext(cluster)).catch(() => {});
  const undo = () => imageSwap.undo(plan, fakeContext(cluster));
  const first = await undo().catch((error: unknown) => error);
  // As a run does: who meets an edit between look and write tries again.
  if (first instanceof Error) expect(first).to.be.instanceOf(FaultlineError);
  const outcome = first instanceof Error ? await undo() : (first as UndoOutcome);
  cluster.before = () => {};
  const object = cluster.objects.get(KEY);
  if (object === undefined) throw new Error('nobody deletes it');
  return { cluster, plan, theirs, outcome, object };
}

type Life = Awaited<ReturnType<typeof lived>>;

/** What others have set last stands; what was there before the fault is not theirs alone. */
function expectTheirs({ theirs, object }: Life): void {
  const { image, command } = templateOf(object).spec.containers[0];
  const now = { image, command: command?.join() ?? 'none' };
  for (const field of ['image', 'command'] as const) {
    const last = theirs[field];
    if (last === 'hotfix:1' || last === 'serve') expect(now[field], `${field} of theirs`).to.equal(last);
  }
}

/** Nothing of the fault stands, save on what another run seems to have marked. */
function expectNotOurs({ object }: Life): void {
  const isTheirs = object.metadata.labels?.[RUN_LABEL] === 'mine' && !object.metadata.annotations?.[PLAN_ANNOTATION];
  if (isTheirs) return;
  const { image, command } = templateOf(object).spec.containers[0];
  expect([image, command?.join()]).to.not.include(DURING.image).and.not.include(DURING.command);
  expect(templateOf(object).metadata?.annotations ?? {}).to.not.have.property(PLAN_ANNOTATION);
}

function expectSaid({ outcome, object }: Life): void {
  if (outcome.state === 'undone') expect(object.metadata.annotations ?? {}).to.not.have.property(PLAN_ANNOTATION);
  else expect(outcome.commands.join()).to.contain('kubectl');
}

describe('an image swap among others', () => {
  it('property: overwrites nothing of theirs, leaves nothing of its own, and says what it leaves', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 5 }), async (steps) => {
        const life = await lived(steps);
        expectTheirs(life);
        expectNotOurs(life);
        expectSaid(life);
      }),
      { numRuns: 100 * Number(process.env.FAULTLINE_SEEDS ?? 1) },
    );
  });
});
