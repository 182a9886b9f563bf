import { expect } from 'chai';
import type { FaultKind, UndoOutcome } from '../../../model/fault.ts';
import {
  type KubeObject,
  OWNERS_ANNOTATION,
  PLAN_ANNOTATION,
  RUN_LABEL,
  UNDO_ANNOTATION,
} from '../../../model/kubernetes.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import { RUN } from '../fake-system.ts';
import { type Check, shortContext, stage, undoneAtLast } from './stage.ts';

/** A run that has begun after that of the specs. */
const NEWER = '20261123t100000z-next';

/** What a newer run leaves on an object: its label with the annotations of a fault of its own; its label alone, where a rollback has brought ours back. */
const MARKS: Readonly<Record<string, (metadata: KubeObject['metadata']) => Partial<KubeObject['metadata']>>> = {
  'marked by a newer run': ({ labels, annotations = {} }) => {
    const { [PLAN_ANNOTATION]: plan = '{}', [OWNERS_ANNOTATION]: owners } = annotations;
    return {
      labels: { ...labels, [RUN_LABEL]: NEWER },
      annotations: {
        ...annotations,
        [UNDO_ANNOTATION]: '{"newer":true}',
        [PLAN_ANNOTATION]: plan.replaceAll(RUN, NEWER),
        ...(owners === undefined ? {} : { [OWNERS_ANNOTATION]: owners.replaceAll(RUN, NEWER) }),
      },
    };
  },
  'labelled by a newer run': ({ labels }) => ({ labels: { ...labels, [RUN_LABEL]: NEWER } }),
};

type Relabelled = {
  readonly cluster: FakeCluster;
  readonly keys: readonly string[];
  readonly undo: () => Promise<UndoOutcome>;
};

/** What the fault has marked is another run's by now; with the values from before it, where `isBack`. */
async function relabelled(kind: FaultKind, how: string, isBack: boolean): Promise<Relabelled> {
  const { cluster, plan } = await stage(kind);
  const were = new Map(structuredClone([...cluster.objects]));
  await kind.inject(plan, shortContext(cluster));
  const marked = [...cluster.objects].filter(([, { metadata }]) => metadata.labels?.[RUN_LABEL] === RUN);
  const keys = marked.flatMap(([key, object]) => {
    const was = were.get(key);
    if (isBack && was?.spec === undefined) return [];
    const next = structuredClone(isBack ? { ...object, spec: was?.spec as never } : object);
    cluster.put({ ...next, metadata: { ...next.metadata, ...MARKS[how]?.(next.metadata) } });
    return [key];
  });
  return { cluster, keys, undo: () => undoneAtLast(kind, plan, shortContext(cluster)) };
}

const planOf = (object: KubeObject | undefined) => object?.metadata.annotations?.[PLAN_ANNOTATION] ?? '';

function expectTheirs(was: KubeObject | undefined, is: KubeObject | undefined, state: string, what: string): void {
  expect(is?.metadata.labels, what).to.deep.equal(was?.metadata.labels);
  expect(is?.spec, what).to.deep.equal(was?.spec);
  if (planOf(was).includes(NEWER)) expect(is?.metadata.annotations, what).to.deep.equal(was?.metadata.annotations);
  else if (state === 'undone') expect(planOf(is), `${what}: our plan`).to.not.contain(RUN);
}

/** Whose label an object carries, that one's it is: an old run neither undoes there nor takes anything of it away. */
async function newer(kind: FaultKind): Promise<void> {
  for (const how of Object.keys(MARKS)) {
    for (const isBack of [false, true]) {
      const { cluster, keys, undo } = await relabelled(kind, how, isBack);
      const theirs = structuredClone(keys.map((key) => cluster.objects.get(key)));
      const { state, detail } = await undo();
      const what = `${how}${isBack ? ', as it was before the fault' : ''}: ${detail}`;
      for (const [at, key] of keys.entries())
        expectTheirs(theirs[at], cluster.objects.get(key), state, `${key} ${what}`);
      const isOpen = !isBack && theirs.some((object) => planOf(object) !== '');
      expect(state, what).to.equal(isOpen ? 'conflict' : 'undone');
    }
  }
}

export const NEWER_RUN: readonly Check[] = [
  { name: 'leaves alone what a newer run has labelled, with all that this has left there', check: newer },
];
