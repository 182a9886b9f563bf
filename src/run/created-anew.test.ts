import { expect } from 'chai';
import { kindsReaching } from '../faults/index.ts';
import { changedLeaves } from '../faults/testing/conformance/leaves.ts';
import { shortContext, stageOn, stageSystem } from '../faults/testing/conformance/stage.ts';
import type { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { paste } from '../faults/testing/paste.ts';
import { STAGED_KINDS } from '../faults/testing/staged.ts';
import type { FaultKind, FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { LOCK_NAMESPACE } from '../model/target.ts';
import { writeClusterJournal } from './cluster-journal.ts';
import { isClean, type RecoverResult, recoverCluster } from './recover.ts';
import { recoverPorts } from './testing/recover-ports.ts';
import { virtualClock } from './testing/virtual-clock.ts';

/** Where the plan is known from beside its objects. */
type Known = 'journal' | 'journal and plans' | 'plans';
type Stage = { readonly cluster: FakeCluster; readonly plan: FaultPlan; readonly known: Known };

const keyOf = ({ kind, metadata: { namespace = '', name } }: KubeObject) => `${kind} ${namespace}/${name}`;
/** Kinds that change fields of what they did not make. */
const CHANGING = ['imageSwap', 'scale', 'gatewayDown', 'eastWestCut', 'controlPlaneDown'];

const isOurs = (command: string) => command.startsWith('faultline recover ');
const others = (map: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !key.startsWith('faultline.dev/')));

/** Deletes what a fault has touched, pods excepted, and creates it anew with all that it held, marks included or not. */
function recreate({ cluster, plan }: Stage, isMarked: boolean): void {
  const isTouched = (object: KubeObject) =>
    object.kind !== KINDS.pod.kind &&
    plan.objects.some(({ kind, namespace, name }) => keyOf(object) === `${kind} ${namespace}/${name}`);
  for (const object of [...cluster.objects.values()].filter(isTouched)) {
    const { labels, annotations, uid, ...metadata } = structuredClone(object.metadata);
    const marks = isMarked ? { labels, annotations } : { labels: others(labels), annotations: others(annotations) };
    cluster.put({ ...object, metadata: { ...metadata, ...marks, uid: `${uid}-anew` } } as KubeObject);
  }
}

function recover(kind: FaultKind, { cluster, plan, known }: Stage, command = ''): Promise<RecoverResult> {
  const ports = recoverPorts(virtualClock(), new AbortController().signal);
  const faultKind = kindsReaching(cluster.outside, () => kind);
  const scope = { namespaces: plan.namespaces, lockNamespace: 'default', kinds: [faultKind(plan.kind)] };
  const only = command.split(' --only ').slice(1);
  const accept = command.includes('--accept-current') ? { accept: { only } } : {};
  return recoverCluster(cluster, scope, known === 'plans' ? [] : [plan], {
    ...ports,
    runId: plan.runId,
    faultKind,
    ...accept,
  });
}

type Pasted = { readonly last: RecoverResult; readonly byHand: boolean };

/** Recovers, and pastes what is told by that in its order: what puts it back where there is such, else what leaves it as it is. */
async function pasted(kind: FaultKind, stage: Stage): Promise<Pasted> {
  let last = await recover(kind, stage);
  const outcomes = last.undone.map(({ outcome }) => outcome);
  const isLook = (command: string) => / get \S+ -o yaml$/.test(command);
  const told = outcomes.flatMap(({ commands, keep = [] }) =>
    commands.some((command) => !isLook(command) && !isOurs(command)) ? commands : keep,
  );
  for (const command of told) {
    if (isOurs(command)) last = await recover(kind, stage, command);
    else paste(stage.cluster, command);
  }
  return { last, byHand: told.some((command) => command.startsWith('kubectl ')) };
}

/** What is not as it was, of all objects but pods: those are others by then. */
function differences({ cluster }: Stage): string[] {
  return [...stageSystem().objects].flatMap(([key, was]) => {
    const is = cluster.objects.get(key);
    if (was.kind === KINDS.pod.kind || (is !== undefined && changedLeaves(was, is).length === 0)) return [];
    return [`${key}: ${JSON.stringify(is)}`];
  });
}

/** Whether all is closed by what was told, and whether something had to be put back by hand for that. */
async function closed(kind: FaultKind, isMarked: boolean, known: Known): Promise<boolean> {
  const { cluster, plan } = await stageOn(kind);
  const stage = { cluster, plan, known };
  if (known !== 'journal') await writeClusterJournal(cluster, LOCK_NAMESPACE, plan.runId, [plan]);
  await kind.prove(plan, shortContext(cluster));
  recreate(stage, isMarked);
  const { last, byHand } = await pasted(kind, stage);
  const what = `${isMarked ? 'with' : 'without'} marks, known from ${known}: ${JSON.stringify(last)}`;
  expect(isClean(last), what).to.equal(true);
  if (byHand) expect(differences(stage), what).to.deep.equal([]);
  return byHand;
}

describe('what a fault has touched and somebody has created anew with the value of the fault', () => {
  const met: string[] = [];
  for (const kind of STAGED_KINDS) {
    it(`is put back and closed by what is printed, pasted in its order: ${kind.kind}`, async () => {
      for (const known of ['journal', 'journal and plans'] as const) {
        if (await closed(kind, true, known)) met.push(`${kind.kind} marked`);
        if (await closed(kind, false, known)) met.push(`${kind.kind} bare`);
      }
    });
  }

  it('is closed by what is printed where only the cluster tells of it, and nothing is put back on its word', async () => {
    for (const kind of STAGED_KINDS.filter((one) => CHANGING.includes(one.kind))) {
      expect([kind.kind, await closed(kind, true, 'plans')]).to.deep.equal([kind.kind, true]);
      // The template of a swapped workload still carries the plan.
      const isBorneOut = kind.kind === 'imageSwap';
      expect([kind.kind, await closed(kind, false, 'plans')]).to.deep.equal([kind.kind, isBorneOut]);
    }
  });

  it('is told by every kind that changes what is not its own', () => {
    expect(met).to.include.members([...CHANGING, 'nodeDrain'].map((kind) => `${kind} marked`));
    expect(met).to.include.members(CHANGING.map((kind) => `${kind} bare`));
  });
});
