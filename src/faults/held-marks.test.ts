import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { FaultKind } from '../model/fault.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../model/kubernetes.ts';
import { podSpec } from '../model/pod-object.ts';
import { imageSwap } from './image-swap/index.ts';
import { nodeDrain } from './node-drain/index.ts';
import { scale } from './scale/index.ts';
import { planned, settled, shortContext, stageOn, stageSystem, undoWhole } from './testing/conformance/stage.ts';
import type { FakeCluster } from './testing/fake-cluster.ts';
import { STAGED_KINDS } from './testing/staged.ts';
import { errorOf } from './testing/steps.ts';

/** A place where marks stand in an object: changes, or takes away, one of them in place. */
type Place = (object: KubeObject) => Record<string, string> | undefined;

const templateOf = (object: KubeObject) =>
  (object.spec as unknown as { template?: { metadata?: KubeObject['metadata'] } } | undefined)?.template?.metadata;

/** The variables of what was put into a pod, by name; what is written there is written to the container. */
function variablesOf(object: KubeObject): Record<string, string> | undefined {
  if (object.kind !== KINDS.pod.kind) return undefined;
  const { ephemeralContainers = [] } = podSpec(object);
  const env = ephemeralContainers.flatMap((one) => (one.env ?? []) as { name: string; value?: string }[]);
  return new Proxy(Object.fromEntries(env.map(({ name, value = '' }) => [name, value])), {
    set: (_target, name, value) => {
      for (const one of env.filter((variable) => variable.name === name)) one.value = value;
      return true;
    },
    deleteProperty: (_target, name) => {
      for (const one of env.filter((variable) => variable.name === name)) one.name = 'TAKEN';
      return true;
    },
  });
}

const PLACES: Readonly<Record<string, Place>> = {
  'the label': ({ metadata }) => metadata.labels,
  'the annotation': ({ metadata }) => metadata.annotations,
  'the annotation of its template': (object) => templateOf(object)?.annotations,
  'the variable': variablesOf,
};

type MarkAt = { readonly kind: string; readonly place: string; readonly name: string };

const isOurs = (name: string) => name.startsWith('faultline.dev/') || name.startsWith('FAULTLINE_');

/** Every mark that a kind leaves in a system, once for each kind of object. */
async function marksOf(kind: FaultKind): Promise<readonly MarkAt[]> {
  const { cluster } = await stageOn(kind);
  const found = [...cluster.objects.values()].flatMap((object) =>
    Object.entries(PLACES).flatMap(([place, at]) =>
      Object.keys(at(object) ?? {})
        .filter(isOurs)
        // Pods of a swapped template have its plan from there: no write of a fault has put it on them.
        .filter(() => !(object.kind === KINDS.pod.kind && place === 'the annotation'))
        .map((name) => ({ kind: object.kind, place, name })),
    ),
  );
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

type Admission = 'takes' | 'changes';

/** A system whose admission takes a mark away or changes it, in dry runs as well or in real writes alone. */
function losing({ kind, place, name }: MarkAt, how: Admission, inDryRuns: boolean): FakeCluster {
  const cluster = stageSystem();
  cluster.admit = (object, isDryRun) => {
    const map = object.kind === kind && (inDryRuns || !isDryRun) ? PLACES[place]?.(object) : undefined;
    if (map?.[name] === undefined) return object;
    if (how === 'takes') delete map[name];
    else map[name] = 'another';
    return object;
  };
  return cluster;
}

/** As the error names it: what stands in a template is said so, and a variable with its container. */
const named = ({ place, name }: MarkAt): string =>
  place.endsWith(' of its template') ? `the annotation ${name} of its template` : `${place} ${name}`;

/** What is left when a write was refused: nothing in place of what was there, and nothing new of that kind. */
const left = (cluster: FakeCluster, { kind }: MarkAt) =>
  cluster.all({ apiVersion: '', kind }).map(({ metadata: { name, labels = {} }, spec }) => [name, labels, spec]);

async function refusedAtInject(kind: FaultKind, mark: MarkAt, how: Admission, inDryRuns: boolean): Promise<void> {
  const what = `admission ${how} ${named(mark)} of ${mark.kind}${inDryRuns ? '' : ', in real writes alone'}`;
  const cluster = losing(mark, how, inDryRuns);
  const before = cluster.snapshot();
  const was = left(cluster, mark);
  const plan = await settled(planned(kind, cluster));
  if (plan instanceof Error) {
    expect(inDryRuns, what).to.equal(true);
    expect(cluster.writes, what).to.equal(0);
    expectRefusal(plan, mark, what);
    return;
  }
  const on = { cluster, before, plan: plan as Awaited<ReturnType<typeof planned>> };
  const end = await settled(kind.inject(on.plan, shortContext(cluster)));
  expectRefusal(end, mark, what);
  if (mark.place === 'the variable') expect((end as Error).message, what).to.contain('does nothing');
  else expect(left(cluster, mark), what).to.deep.equal(was);
  await undoWhole(kind, on, what);
}

function expectRefusal(end: unknown, mark: MarkAt, what: string): void {
  expect(end, what).to.be.instanceOf(FaultlineError);
  const { code, message, hint } = end as FaultlineError;
  expect([code, hint], what).to.deep.equal([
    'FAULT_REFUSED',
    'What changes new objects or writes there (a webhook, a policy) has to leave what faultline marks by as it is (labels and annotations of faultline.dev/, variables FAULTLINE_*, its plans): kubectl get mutatingwebhookconfigurations',
  ]);
  expect(message, what).to.match(/cluster tokyo: /);
  expect(message, what).to.contain(`admission of the cluster takes away or changes ${named(mark)}`);
  expect(message, what).to.contain(mark.kind);
}

describe('a mark that admission does not leave as it was sent', () => {
  for (const kind of STAGED_KINDS) {
    it(`is noticed in whatever write of a fault, which is not left: ${kind.kind}`, async () => {
      for (const mark of await marksOf(kind)) {
        for (const how of ['takes', 'changes'] as const) {
          await refusedAtInject(kind, mark, how, true);
          await refusedAtInject(kind, mark, how, false);
        }
      }
    });
  }

  it('was looked for on all that faults write, by every mark there is', async () => {
    const all = await Promise.all(STAGED_KINDS.map(async (kind) => [kind.kind, await marksOf(kind)] as const));
    const without = all.filter(([, marks]) => marks.length === 0).map(([kind]) => kind);
    expect(without).to.have.members(['podKill', 'containerKill', 'noop']);
    const places = new Set(all.flatMap(([, marks]) => marks.map(({ place }) => place)));
    expect([...places]).to.have.members(Object.keys(PLACES));
  });

  it('is refused by the plan of a kind that changes what is not its own, and of one that puts containers into pods', async () => {
    for (const kind of STAGED_KINDS) {
      for (const mark of await marksOf(kind)) {
        const end = await settled(planned(kind, losing(mark, 'takes', true)));
        const isCreated = !['Deployment', 'Node', 'Pod', 'Job'].includes(mark.kind);
        if (!isCreated) expect(end, `${kind.kind}: ${named(mark)} of ${mark.kind}`).to.be.instanceOf(FaultlineError);
      }
    }
  });
});

describe('a workload that admission has left without a mark', () => {
  it('is put back by the name of its container, where admission has put another one before it', async () => {
    const cluster = stageSystem();
    cluster.admit = (object, isDryRun) => {
      if (isDryRun || object.kind !== 'Deployment' || object.metadata.labels?.[RUN_LABEL] === undefined) return object;
      delete object.metadata.labels[RUN_LABEL];
      specOf(object).template.spec.containers.unshift({ name: 'proxy', image: 'proxy:1' });
      return object;
    };
    const plan = await planned(imageSwap, cluster);
    const said = await errorOf(imageSwap.inject(plan, shortContext(cluster)));
    expect(said).to.contain('it could not be put back at once');
    const images = () =>
      cluster.all(KINDS.deployment).map((one) => specOf(one).template.spec.containers.map(({ image }) => image));
    expect(images().flat()).to.include('proxy:1');
    expect((await imageSwap.undo(plan, shortContext(cluster))).state).to.equal('undone');
    expect(images().flat().sort()).to.deep.equal(
      [
        ...stageSystem()
          .all(KINDS.deployment)
          .map(() => 'asm-mock:v0.1'),
        'proxy:1',
      ].sort(),
    );
  });
});

type Spec = {
  replicas: number;
  unschedulable?: boolean;
  template: { spec: { containers: { name: string; image: string }[] } };
};
const specOf = (object: KubeObject) => object.spec as unknown as Spec;

/** What admission makes of what an undo writes. */
const UNDOS: readonly [string, FaultKind, string, (spec: Spec) => void][] = [
  ['another count', scale, 'Deployment', (spec) => Object.assign(spec, { replicas: 7 })],
  ['the count of the fault', scale, 'Deployment', (spec) => Object.assign(spec, { replicas: 0 })],
  ['a cordon', nodeDrain, 'Node', (spec) => Object.assign(spec, { unschedulable: true })],
  [
    'another image',
    imageSwap,
    'Deployment',
    ({ template }) => {
      for (const one of template.spec.containers) one.image = 'pinned:1';
    },
  ],
];

/** Names and marks of the objects of a kind that a run has marked. */
const markedIn = (cluster: FakeCluster, kind: string) =>
  cluster
    .all({ apiVersion: '', kind })
    .filter(({ metadata }) => metadata.labels?.[RUN_LABEL] !== undefined)
    .map(({ metadata: { name, labels, annotations } }) => ({ name, labels, annotations }));

describe('an undo whose values admission does not leave as they were sent', () => {
  for (const [what, kind, of, change] of UNDOS) {
    it(`leaves the marks on, and does not say that it has put anything back: ${what}`, async () => {
      const { cluster, plan, before } = await stageOn(kind);
      const marked = markedIn(cluster, of);
      expect(marked).to.have.length.above(0);
      cluster.admit = (object) => {
        const isIt = object.kind === of && marked.some(({ name }) => name === object.metadata.name);
        if (isIt) change(specOf(object));
        return object;
      };
      const end = await settled(kind.undo(plan, shortContext(cluster)));
      expect(markedIn(cluster, of)).to.deep.equal(marked);
      if (!(end instanceof FaultlineError)) {
        expect(end).to.include({ state: 'conflict' });
        return;
      }
      expect(await errorOf(Promise.reject(end))).to.match(
        /^FAULT_CONFLICT: cluster tokyo: .* is changed all the time: what an undo writes there does not stay/,
      );
      cluster.admit = (object) => object;
      await undoWhole(kind, { cluster, plan, before }, what);
    });
  }
});
