import { expect } from 'chai';
import { kindsReaching } from '../faults/index.ts';
import { shortContext, stageOn } from '../faults/testing/conformance/stage.ts';
import type { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { isWorkload } from '../faults/testing/fake-controllers.ts';
import { STAGED_KINDS } from '../faults/testing/staged.ts';
import type { FaultKind, FaultPlan } from '../model/fault.ts';
import { CREATED } from '../model/history.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../model/kubernetes.ts';
import type { Outside } from '../model/ports.ts';
import { LOCK_NAMESPACE } from '../model/target.ts';
import type { Accepted } from './accept.ts';
import { writeClusterJournal } from './cluster-journal.ts';
import { isClean, type RecoverResult, recoverCluster } from './recover.ts';
import { recoverPorts } from './testing/recover-ports.ts';
import { virtualClock } from './testing/virtual-clock.ts';

type Stage = { readonly cluster: FakeCluster; readonly plan: FaultPlan; readonly outside: Outside };

/** What becomes of a fault before it is recovered; what reaches outside of Kubernetes by then. */
type Trouble = { readonly what: string; readonly befalls: (stage: Stage) => Outside | undefined };

const keyOf = ({ kind, metadata: { namespace = '', name } }: KubeObject) => `${kind} ${namespace}/${name}`;
const ours = ({ cluster }: Stage) =>
  [...cluster.objects.values()].filter(({ metadata }) => metadata.labels?.[RUN_LABEL] !== undefined);
const touched = ({ cluster, plan }: Stage) =>
  [...cluster.objects.values()].filter((object) =>
    plan.objects.some(({ kind, namespace, name }) => keyOf(object) === `${kind} ${namespace}/${name}`),
  );

const others = (map: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !key.startsWith('faultline.dev/')));

function change(cluster: FakeCluster, objects: readonly KubeObject[], how: (object: KubeObject) => void): undefined {
  for (const object of objects) {
    const next = structuredClone(object);
    how(next);
    cluster.put(next);
  }
}

type Workload = { spec: { replicas?: number; template: { spec: { containers: { image: string }[] } } } };

const ANOTHER_USER: Trouble = {
  what: 'it is recovered by another user',
  befalls: ({ outside }) => ({ ...outside, seal: async () => 'of another user' }),
};

const TROUBLES: readonly Trouble[] = [
  {
    what: 'somebody has shipped another image and set another count',
    befalls: (stage) =>
      change(stage.cluster, touched(stage).filter(isWorkload), (object) => {
        const { spec } = object as unknown as Workload;
        for (const container of spec.template.spec.containers) container.image = 'hotfix:1';
        spec.replicas = 3;
      }),
  },
  {
    what: 'what it has touched was deleted',
    befalls: (stage) => {
      for (const object of touched(stage)) stage.cluster.objects.delete(keyOf(object));
      return undefined;
    },
  },
  {
    what: 'what it has touched was created anew',
    befalls: (stage) =>
      change(stage.cluster, touched(stage), ({ metadata }) => {
        metadata.uid = `${metadata.uid}-anew`;
        metadata.labels = others(metadata.labels);
        metadata.annotations = others(metadata.annotations);
      }),
  },
  {
    what: 'what it has touched was created anew with its marks, as from a copy',
    befalls: (stage) =>
      change(stage.cluster, touched(stage), ({ metadata }) => {
        metadata.uid = `${metadata.uid}-anew`;
      }),
  },
  {
    what: 'its marks were taken off',
    befalls: (stage) =>
      change(stage.cluster, ours(stage), ({ metadata }) => {
        metadata.labels = others(metadata.labels);
        metadata.annotations = others(metadata.annotations);
      }),
  },
  {
    what: 'what it has touched is marked by another run',
    befalls: (stage) =>
      change(stage.cluster, touched(stage), ({ metadata }) => {
        metadata.labels = { ...metadata.labels, [RUN_LABEL]: 'another' };
        metadata.annotations = others(metadata.annotations);
      }),
  },
  {
    what: 'its pods were taken out of their workloads',
    befalls: ({ cluster }) =>
      change(cluster, cluster.all(KINDS.pod), ({ metadata }) => {
        delete metadata.ownerReferences;
        metadata.name = `${metadata.name}-kept`;
      }),
  },
  {
    what: 'its containers in pods were killed',
    befalls: ({ cluster }) =>
      change(cluster, cluster.all(KINDS.pod), (pod) => {
        const { ephemeralContainerStatuses = [] } = (pod.status ?? {}) as { ephemeralContainerStatuses?: object[] };
        const killed = { state: { terminated: { exitCode: 137 } } };
        const status = {
          ...(pod.status as object),
          ephemeralContainerStatuses: ephemeralContainerStatuses.map((one) => ({ ...one, ...killed })),
        };
        Object.assign(pod, { status });
      }),
  },
  ANOTHER_USER,
];

/** Recovers by a local journal, or by what the cluster tells where nothing is `known`. */
function recover({ cluster, plan, outside }: Stage, accept?: Accepted, known = [plan]): Promise<RecoverResult> {
  const ports = recoverPorts(virtualClock(), new AbortController().signal);
  const kindOf = kindsReaching(outside, (name) => STAGED_KINDS.find(({ kind }) => kind === name) as FaultKind);
  const scope = { namespaces: plan.namespaces, lockNamespace: 'default', kinds: [kindOf(plan.kind)] };
  const how = { ...ports, runId: plan.runId, faultKind: kindOf, ...(accept === undefined ? {} : { accept }) };
  return recoverCluster(cluster, scope, known, how);
}

async function troubled(kind: FaultKind, { befalls }: Trouble, hasPlans: boolean): Promise<Stage> {
  const { cluster, plan } = await stageOn(kind);
  if (hasPlans) await writeClusterJournal(cluster, LOCK_NAMESPACE, plan.runId, [plan]);
  await kind.prove(plan, shortContext(cluster));
  const { outside } = cluster;
  return { cluster, plan, outside: befalls({ cluster, plan, outside }) ?? outside };
}

/** The objects that the command names which is printed to leave all as it stands. */
function namedIn({ undone }: RecoverResult): string[] {
  const keep = undone.flatMap(({ outcome }) => outcome.keep ?? []);
  expect(keep).to.have.length(1);
  expect(keep[0]).to.contain(' --accept-current --only ');
  return (keep[0] ?? '').split(' --only ').slice(1);
}

/** Whether the plan says that the fault makes an object, and not that it changes one of others. */
const isMade = ({ objects }: FaultPlan, object: KubeObject) =>
  objects.some(
    ({ kind, namespace, name, change: how }) => keyOf(object) === `${kind} ${namespace}/${name}` && how === CREATED,
  );

const isConflict = ({ undone }: RecoverResult) => undone.some(({ outcome }) => outcome.state === 'conflict');

/** Whether there was a conflict; then it was closed in both ways, and not where another object is named. */
async function isClosed(stage: () => Promise<Stage>, what: string): Promise<boolean> {
  const first = await recover(await stage());
  if (!isConflict(first)) return false;
  const said = `${what}: ${JSON.stringify(first.undone)}`;
  expect(isConflict(await recover(await stage(), { only: ['default/pod/another'] })), said).to.equal(true);
  const ways: readonly Accepted[] = [{ only: [] }, { only: namedIn(first) }];
  for (const accept of ways) {
    const one = await stage();
    await recover(one);
    const theirs = touched(one).filter((object) => !isMade(one.plan, object));
    const closed = await recover(one, accept);
    const gone = theirs.map(keyOf).filter((key) => !one.cluster.objects.has(key));
    expect(gone, `${said}: it deletes what the fault has not made`).to.deep.equal([]);
    expect(isClean(closed), `${JSON.stringify(accept)}: ${said}: ${JSON.stringify(closed)}`).to.equal(true);
  }
  return true;
}

describe('a conflict of a fault', () => {
  /** Of which kinds there was one, by what had befallen. */
  const met = new Set<string>();
  for (const kind of STAGED_KINDS) {
    it(`is closed by --accept-current, and by the objects that its command names: ${kind.kind}`, async () => {
      for (const trouble of TROUBLES) {
        const ways = [true, false].map((hasPlans) => () => troubled(kind, trouble, hasPlans));
        for (const stage of ways) if (await isClosed(stage, trouble.what)) met.add(kind.kind);
      }
    });
  }

  it('of what is outside is told where nothing in the cluster tells of it any more, and its Job goes when it is closed', async () => {
    const hook = STAGED_KINDS.find(({ kind }) => kind === 'hook') as FaultKind;
    const { cluster, plan } = await stageOn(hook);
    const stage = { cluster, plan, outside: cluster.outside };
    for (const job of cluster.all(KINDS.job)) cluster.objects.delete(keyOf(job));
    expect(isConflict(await recover(stage))).to.equal(true);
    for (const isKnown of [true, false]) {
      const foreign = await troubled(hook, ANOTHER_USER, true);
      const known = isKnown ? [foreign.plan] : [];
      expect(isConflict(await recover(foreign, undefined, known))).to.equal(true);
      expect(foreign.cluster.all(KINDS.job)).to.have.length(1);
      expect(isClean(await recover(foreign, { only: [] }, known))).to.equal(true);
      expect(foreign.cluster.all(KINDS.job)).to.deep.equal([]);
    }
    const foreign = await troubled(hook, ANOTHER_USER, true);
    for (const job of foreign.cluster.all(KINDS.job)) foreign.cluster.objects.delete(keyOf(job));
    for (const known of [[], [], [foreign.plan]]) {
      expect(isConflict(await recover(foreign, undefined, known)), 'a Job that is gone undoes nothing').to.equal(true);
    }
    expect(isClean(await recover(foreign, { only: [] }, []))).to.equal(true);
    expect((await recover(foreign, undefined, [])).undone, 'closed').to.deep.equal([]);
  });

  it('is met by the kinds that change what is not theirs, and by those that reach outside', () => {
    const known = ['imageSwap', 'scale', 'gatewayDown', 'eastWestCut', 'controlPlaneDown', 'nodeDrain', 'hook'];
    expect([...met]).to.include.members([...known, 'meshFault', 'clientFault', 'manifest', 'zoneNetworkPolicy']);
  });
});
