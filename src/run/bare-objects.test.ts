import { expect } from 'chai';
import { kindsReaching } from '../faults/index.ts';
import { watchWrites } from '../faults/lost-writes.ts';
import { shortContext, stage, stageSystem } from '../faults/testing/conformance/stage.ts';
import type { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { paste } from '../faults/testing/paste.ts';
import { STAGED_KINDS } from '../faults/testing/staged.ts';
import type { FaultKind, FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { writeClusterJournal } from './cluster-journal.ts';
import { isClean, type RecoverResult, recoverCluster } from './recover.ts';
import { recoverPorts } from './testing/recover-ports.ts';
import { virtualClock } from './testing/virtual-clock.ts';

type On = {
  readonly kind: FaultKind;
  readonly cluster: FakeCluster;
  readonly plan: FaultPlan;
  readonly created: ReadonlySet<string>;
};

const keyOf = ({ kind, metadata: { namespace = '', name } }: KubeObject) => `${kind} ${namespace}/${name}`;

/** What somebody has made of an object of a fault: with none of our metadata, as `kubectl replace` of its own file leaves it. */
const WAYS = {
  'its marks are taken off': ({ uid = '' }) => ({ uid }),
  'it is created anew': ({ uid = '' }) => ({ uid: `${uid}-anew` }),
} as const;

/** Whom somebody has asked to undo it, and what he knows. */
const ASKED = ['the run', 'recover', 'recover of a run that was killed early', 'recover --scan'] as const;

async function faultOn(kind: FaultKind): Promise<On> {
  const { cluster, plan } = await stage(kind);
  const context = shortContext(cluster);
  const watched = watchWrites(cluster, context.now);
  await writeClusterJournal(cluster, 'default', plan.runId, [plan]);
  await kind.inject(plan, { ...context, cluster: watched.cluster });
  return { kind, cluster, plan, created: watched.created };
}

/** What the fault has created, pods excepted. */
const createdIn = ({ cluster, plan }: On) =>
  [...cluster.objects.values()].filter(
    (object) =>
      !stageSystem().objects.has(keyOf(object)) &&
      plan.objects.some(({ kind, namespace, name }) => keyOf(object) === `${kind} ${namespace}/${name}`),
  );

function strip(on: On, how: (typeof WAYS)[keyof typeof WAYS], body: object = {}, objects = createdIn(on)): void {
  for (const object of objects) {
    const { name = '', namespace = '' } = object.metadata;
    on.cluster.put({ ...object, metadata: { name, namespace, ...how(object.metadata) }, ...body } as KubeObject);
  }
}

function recover({ kind, cluster, plan, created }: On, asked: (typeof ASKED)[number], isAccepted = false) {
  const faultKind = kindsReaching(cluster.outside, () => kind);
  const scope = { namespaces: plan.namespaces, lockNamespace: 'default', kinds: [faultKind(plan.kind)] };
  return recoverCluster(cluster, scope, asked === 'recover --scan' ? [] : [plan], {
    ...recoverPorts(virtualClock(), new AbortController().signal),
    runId: plan.runId,
    faultKind,
    ...(asked === 'recover' ? { created } : {}),
    ...(isAccepted ? { accept: { only: [] } } : {}),
  });
}

async function undoneBy(on: On, asked: (typeof ASKED)[number]): Promise<{ state: string; last?: RecoverResult }> {
  const { kind, plan, cluster, created } = on;
  if (asked === 'the run') return kind.undo(plan, { ...shortContext(cluster), created });
  const last = await recover(on, asked);
  return { state: isClean(last) ? 'undone' : (last.undone[0]?.outcome.state ?? 'left'), last };
}

/** Takes marks off and asks; then goes on by what was printed, pasted or accepted. Resolves to what is there of the fault then. */
async function goOn(way: keyof typeof WAYS, asked: (typeof ASKED)[number], isAccepted: boolean): Promise<KubeObject[]> {
  const on = await faultOn(MANIFEST);
  strip(on, WAYS[way], {}, createdIn(on).filter(isPolicy));
  const [{ outcome } = { outcome: undefined }] = (await recover(on, asked)).undone;
  expect([outcome?.state, outcome?.stands], `${way}, ${asked}`).to.deep.equal(['conflict', true]);
  expect(outcome?.keep?.join()).to.contain('--accept-current --only default/networkpolicy/nobody-to-mockb');
  const command = 'kubectl -n default delete networkpolicy/nobody-to-mockb --wait=false';
  // What only a cluster tells of is looked at before anything is deleted.
  expect(outcome?.commands.includes(command)).to.equal(asked !== 'recover --scan');
  if (!isAccepted) paste(on.cluster, command);
  const last = await recover(on, asked, isAccepted);
  expect(isClean(last), JSON.stringify(last)).to.equal(true);
  return createdIn(on);
}

const MANIFEST = STAGED_KINDS.find(({ kind }) => kind === 'manifest') as FaultKind;
const CREATING = STAGED_KINDS.filter(({ marks }) => marks.some(({ ours }) => ours));
const isPolicy = ({ kind }: KubeObject) => kind === KINDS.networkPolicy.kind;

describe('an object that a fault has created, while it is what the fault has written', () => {
  it('is one of each of these kinds', () => {
    const kinds = CREATING.map(({ kind }) => kind);
    expect(kinds).to.include.members(['manifest', 'zoneNetworkPolicy', 'meshFault', 'clientFault', 'hook']);
  });

  for (const kind of CREATING) {
    for (const [what, how] of Object.entries(WAYS)) {
      it(`is never there and told as undone: ${kind.kind}, ${what}`, async () => {
        for (const asked of ASKED) {
          const on = await faultOn(kind);
          expect(createdIn(on)).to.not.have.length(0);
          strip(on, how);
          const { state } = await undoneBy(on, asked);
          expect(createdIn(on).length === 0, `${asked}: ${state}`).to.equal(state === 'undone');
        }
      });
    }
  }

  it('is put back where its run or the journal knows that it is the very one', async () => {
    for (const asked of ['the run', 'recover'] as const) {
      const on = await faultOn(MANIFEST);
      strip(on, WAYS['its marks are taken off']);
      expect((await undoneBy(on, asked)).state, asked).to.equal('undone');
    }
  });

  it('is left otherwise, with both ways on', async () => {
    for (const [way, asked] of [
      ['it is created anew', 'recover'],
      ['its marks are taken off', 'recover of a run that was killed early'],
      ['it is created anew', 'recover --scan'],
    ] as const) {
      expect(await goOn(way, asked, true)).to.have.length(1);
      expect(await goOn(way, asked, false)).to.have.length(0);
    }
  });

  it('is somebody else’s where it says something else by now: left, and told', async () => {
    for (const how of Object.values(WAYS)) {
      for (const asked of ASKED) {
        const on = await faultOn(MANIFEST);
        strip(on, how, { spec: { podSelector: { matchLabels: { app: 'other' } }, policyTypes: ['Ingress'] } });
        const { state } = await undoneBy(on, asked);
        expect(createdIn(on).filter(isPolicy), asked).to.have.length(1);
        expect(state, asked).to.equal(asked === 'recover --scan' ? 'failed' : 'undone');
      }
    }
  });
});
