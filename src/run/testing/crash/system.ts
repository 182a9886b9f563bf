import { faultKind, kindsReaching } from '../../../faults/index.ts';
import { blockOf, stageSystem } from '../../../faults/testing/conformance/stage.ts';
import type { FakeCluster } from '../../../faults/testing/fake-cluster.ts';
import { FAKE_GATEWAYS } from '../../../faults/testing/fake-gateways.ts';
import { STAGED_KINDS } from '../../../faults/testing/staged.ts';
import type { FaultKind } from '../../../model/fault.ts';
import { ENABLED_LABEL, KINDS } from '../../../model/kubernetes.ts';
import type { Clock, Cluster, Outside } from '../../../model/ports.ts';
import type { FaultBlock, FaultSpec, Json } from '../../../model/scenario.ts';
import { type DeadMan, LOCK_NAMESPACE, type Target } from '../../../model/target.ts';
import type { Millis } from '../../../model/units.ts';
import { leaseRef } from '../../lock-objects.ts';
import { planRun } from '../../plan.ts';
import type { PlannedRun } from '../../planned-run.ts';
import type { OpenCluster } from '../../wiring.ts';
import { scenarioWith } from '../bench-run.ts';
import { virtualClock } from '../virtual-clock.ts';
import type { Process } from './process.ts';

export const RUN = '20261122t090000z-test';
const NAMES = ['tokyo', 'osaka'] as const;
/** The default is long enough for a renewal of the leases. */
const HOLD_MS = 17_000;

export const TARGET: Target = {
  name: 'crash',
  namespaces: ['default', 'shop'],
  lockNamespace: 'default',
  observe: { namespaces: ['default'], gateways: FAKE_GATEWAYS.pods },
  clusters: [],
};

/** Two clusters in memory that are alike, with time of their own. */
export class System {
  readonly clock: Clock = virtualClock();
  readonly clusters: ReadonlyMap<string, FakeCluster> = new Map(NAMES.map((name) => [name, clusterNamed(name)]));
  /** Each thing that must not happen, and did. */
  readonly wrongs: string[] = [];

  /** What hooks reach; it is kept beside the objects of the first cluster. */
  get outside(): Outside {
    return this.cluster(NAMES[0]).outside;
  }

  /** Nobody writes to a cluster that somebody else holds, or nobody. */
  judge(name: string, holder: string): void {
    const { namespace, name: lease } = leaseRef(LOCK_NAMESPACE);
    const spec = this.cluster(name).objects.get(`${KINDS.lease.kind} ${namespace}/${lease}`)?.spec;
    const { holderIdentity = 'nobody' } = (spec ?? {}) as { holderIdentity?: string };
    if (holderIdentity !== holder) this.wrongs.push(`${holder} writes to ${name}, which ${holderIdentity} holds`);
  }

  /** Lets controllers take so long for whatever follows from a write. */
  slowDown(ms: Millis): void {
    for (const cluster of this.clusters.values()) cluster.control = (act) => void this.clock.sleep(ms).then(act);
  }

  /** What is compared before a run and after its recovery. */
  snapshot(): Json {
    return [...this.clusters.values()].map((cluster) => cluster.snapshot());
  }

  /** A cluster by its name; throws where there is none. */
  cluster(name: string): FakeCluster {
    const found = this.clusters.get(name);
    if (found === undefined) throw new Error(`no cluster ${name}`);
    return found;
  }

  writes(): number {
    return [...this.clusters.values()].reduce((sum, { writes }) => sum + writes, 0);
  }
}

function clusterNamed(name: string): FakeCluster {
  const identity = async () => ({ uid: `uid-of-${name}`, server: 'http://127.0.0.1:1', version: 'v1.36.0' });
  const cluster = Object.assign(stageSystem(), { name, identity });
  const labels = { [ENABLED_LABEL]: 'true' };
  for (const namespace of TARGET.namespaces) cluster.add({ ...KINDS.namespace, metadata: { name: namespace, labels } });
  return cluster;
}

/** The faults of one run, in words, and planned on a system on which nothing has happened yet. */
export type Drill = { readonly title: string; readonly planned: PlannedRun };

/** Every kind by itself, and every kind with the next one in another cluster. */
export async function drills(holdMs = HOLD_MS): Promise<Drill[]> {
  const all = STAGED_KINDS;
  const alone = all.map((kind) => [kind]);
  const twice = all.map((kind, at) => [kind, all[(at + 1) % all.length] ?? kind]);
  return Promise.all([...alone, ...twice].map((kinds) => drillOf(kinds, { holdMs })));
}

/** The changes of a drill beside its kinds. */
type Staging = {
  readonly holdMs?: Millis;
  /** @default the run goes without */
  readonly deadMan?: DeadMan;
};

/** A drill of these kinds. */
export async function drillOf(
  kinds: readonly FaultKind[],
  { holdMs = HOLD_MS, deadMan }: Staging = {},
): Promise<Drill> {
  const { clock, clusters, outside } = new System();
  const faults = kinds.map((kind, at): FaultSpec => {
    const cluster = NAMES[at] ?? NAMES[0];
    const spec: FaultBlock = { ...blockOf(kind), cluster };
    return { name: `${kind.kind}-${cluster}`, kind: kind.kind, afterMs: 0, spec, move: kind.move(spec) };
  });
  const planned = await planRun({
    scenario: { ...scenarioWith(faults), phases: { baselineMs: 1_000, holdMs, recoverMs: 1_000 } },
    target: deadMan === undefined ? TARGET : { ...TARGET, deadMan },
    ephemeral: false,
    allowProtected: [],
    noDeadMan: deadMan === undefined,
    clusters: openedIn(clusters),
    faultKind: kindsReaching(outside, faultKind),
    clock,
    runId: RUN,
    prometheus: undefined,
  });
  return { title: kinds.map(({ kind }) => kind).join(' and '), planned };
}

function openedIn(clusters: ReadonlyMap<string, Cluster>): ReadonlyMap<string, OpenCluster> {
  const gateways = ['ap-northeast-1a', 'ap-northeast-1b'].map((zone) => ({
    zone,
    address: { kind: 'url', protocol: 'http', host: '127.0.0.1', port: 1 } as const,
  }));
  return new Map(
    [...clusters].map(([name, cluster]) => [
      name,
      { cluster, kubeconfig: 'kubeconfig', context: name, uid: `uid-of-${name}`, gateways },
    ]),
  );
}

/** The same run on another system, as a process reaches it, or as `through` has changed that. */
export function onSystem(
  { planned }: Drill,
  system: System,
  process: Process,
  through: (cluster: FakeCluster) => Cluster = (cluster) => cluster,
): PlannedRun {
  const reached = new Map(
    [...system.clusters].map(([name, cluster]): [string, Cluster] => [name, process.reach(through(cluster))]),
  );
  const clusters = openedIn(reached);
  const faults = planned.faults.map((fault) => ({
    ...fault,
    // Not by `fault.kind`, which reaches what lies outside of the system that the drill was planned on.
    kind: kindsReaching(process.outside, faultKind)(fault.plan.kind),
    open: clusters.get(fault.plan.cluster) ?? fault.open,
  }));
  // Whether such a run would be let begin is not asked here.
  return { ...planned, clusters, faults, guards: [] };
}
