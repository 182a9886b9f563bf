import { faultKind } from '../../faults/index.ts';
import type { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { fakeSystem } from '../../faults/testing/fake-system.ts';
import type { AlertObjective } from '../../model/alert.ts';
import type { FaultKind } from '../../model/fault.ts';
import type { HistoryEvent, RunHeader } from '../../model/history.ts';
import type { JournalEntry } from '../../model/journal.ts';
import type { Cluster, LoadEngine, Prometheus } from '../../model/ports.ts';
import { DEFAULT_OUT, type RecoverFrom } from '../../model/recover-command.ts';
import type { FaultSpec, RecordedFault, RecordedScenario, Scenario } from '../../model/scenario.ts';
import type { Target, TargetGateway } from '../../model/target.ts';
import { progressOf } from '../abort/testing/seen.ts';
import { executeRun, type RunEnd } from '../machine.ts';
import { planRun } from '../plan.ts';
import type { PlannedRun } from '../planned-run.ts';
import type { RunPorts } from '../wiring.ts';
import { virtualClock } from './virtual-clock.ts';

/** Where the recoveries of specs look, as `recover` does that is told nothing. */
export const HERE: RecoverFrom = { out: DEFAULT_OUT, target: undefined };

/** A fault as a scenario asks for it: what it comes to is the word of its kind. */
export function asked(fault: RecordedFault): FaultSpec {
  return { ...fault, move: faultKind(fault.kind).move(fault.spec) };
}

export const SWAP = asked({
  name: 'swap',
  kind: 'imageSwap',
  afterMs: 0,
  spec: { cluster: 'tokyo', namespace: 'default', deployment: 'mockb-ap-northeast-1a', image: 'curl:8.1.2' },
});

export const DOWN = asked({
  name: 'down',
  kind: 'scale',
  afterMs: 0,
  spec: { cluster: 'tokyo', namespace: 'default', deployment: 'mockb-ap-northeast-1a', replicas: 0 },
});

export const BLACKHOLE = asked({
  name: 'silent',
  kind: 'zoneNetworkPolicy',
  afterMs: 5_000,
  spec: { cluster: 'tokyo', zone: 'ap-northeast-1b', namespaces: ['default'], expiry: 900_000 },
});

export const KILL = asked({
  name: 'kill',
  kind: 'podKill',
  afterMs: 0,
  spec: { cluster: 'tokyo', namespace: 'default', selector: { app: 'mockb' }, count: 1, gracePeriod: 0 },
});

/** A scenario with the given faults and nothing that depends on them. */
export function scenarioWith(faults: readonly FaultSpec[], clauses: Partial<Scenario['expect']> = {}): Scenario {
  return {
    name: 'bench',
    annotations: {},
    hypothesis: 'It holds.',
    load: {
      paths: [{ name: 'entry', request: { method: 'GET', path: '/', headers: {} }, via: 'each-gateway-zone' }],
      ratePerSecond: 10,
      timeoutMs: 1000,
      connections: 'kept',
      chain: { from: { kind: 'body' }, hop: '{service}@{zone}' },
      good: { status: 200, chain: [], latencyMs: 1000 },
    },
    phases: { baselineMs: 10_000, holdMs: 20_000, recoverMs: 30_000 },
    faults,
    expect: { steadyState: { goodAtLeast: 0.99 }, failoverOrder: [], ejections: [], ...clauses },
    source: { file: 'bench.yaml', text: '', sha256: '' },
  };
}

const TARGET: Target = {
  name: 'bench',
  namespaces: ['default'],
  lockNamespace: 'default',
  observe: { namespaces: ['default'] },
  clusters: [],
};

/** A run on a cluster in memory with virtual time; everything it writes is kept for the test to look at. */
export class BenchRun {
  readonly cluster: FakeCluster = fakeSystem();
  readonly events: HistoryEvent[] = [];
  readonly entries: JournalEntry[] = [];
  readonly clock = virtualClock();
  readonly stop = new AbortController();
  steady = true;
  ephemeral = false;
  steadyState: RunPorts['steadyState'] = async () => ({ holds: this.steady, detail: 'as the test says' });
  settle: () => Promise<void> = async () => {};
  engine: LoadEngine = stubEngine;
  kinds: (kind: string) => FaultKind = faultKind;
  /** Called with every event, so that a test can act in the middle of a run. */
  onEvent: (event: HistoryEvent) => void = () => {};
  onProgress: RunPorts['onProgress'] = () => {};
  /** Gets whom to tell that the target stood still. */
  hearBlind: NonNullable<RunPorts['hearBlind']> = () => {};
  services: Scenario['services'];
  /** Clauses in place of those of the scenario. */
  clauses: Partial<Scenario['expect']> = {};
  abort: Scenario['abort'];
  require: Scenario['require'];
  alerts: readonly AlertObjective[] = [];
  prometheus: Prometheus | undefined;
  beforeJournal: (entry: JournalEntry) => void = () => {};

  /** What the run is given as its cluster. */
  seen: Cluster = this.cluster;
  /** Others of its target. */
  others: readonly Cluster[] = [];
  gateways: readonly TargetGateway[] = ['ap-northeast-1a', 'ap-northeast-1b'].map((zone) => ({
    zone,
    address: { kind: 'url', protocol: 'http', host: '127.0.0.1', port: 1 },
  }));

  plan(faults: readonly FaultSpec[], target: Target = TARGET): Promise<PlannedRun> {
    const { gateways } = this;
    const open = { cluster: this.seen, kubeconfig: 'kubeconfig', context: 'tokyo', uid: undefined, gateways };
    const scenario = scenarioWith(faults, this.clauses);
    return planRun({
      scenario: {
        ...scenario,
        ...(this.alerts.length > 0 && { expect: { ...scenario.expect, alert: this.alerts } }),
        ...(this.services !== undefined && { services: this.services }),
        ...(this.abort !== undefined && { abort: this.abort }),
        ...(this.require !== undefined && { require: this.require }),
      },
      target,
      ephemeral: this.ephemeral,
      clusters: new Map(
        [open, ...this.others.map((cluster) => ({ ...open, cluster }))].map((one) => [one.cluster.name, one]),
      ),
      faultKind: this.kinds,
      clock: this.clock,
      runId: '20261122t090000z-test',
      allowProtected: [],
      noDeadMan: false,
      prometheus: this.prometheus,
    });
  }

  async run(faults: readonly FaultSpec[], target: Target = TARGET): Promise<RunEnd> {
    return this.execute(await this.plan(faults, target));
  }

  execute(planned: PlannedRun): Promise<RunEnd> {
    const scenario: RecordedScenario = planned.scenario;
    const header = { runId: planned.runId, scenario, topology: planned.topology } as RunHeader;
    return executeRun(planned, header, this.ports());
  }

  ports(): RunPorts {
    let seq = 0;
    const { clock } = this;
    return {
      clock,
      engine: this.engine,
      records: 'requests.ndjson',
      history: {
        zero: 0,
        now: () => clock.now(),
        append: (event) => {
          const stamp = { seq: seq++, t: clock.now(), wall: clock.wall().toISOString() };
          const stamped = { ...stamp, ...event } as HistoryEvent;
          this.events.push(stamped);
          this.onEvent(stamped);
          return stamp;
        },
      },
      journal: {
        append: (entry) => {
          this.beforeJournal(entry);
          this.entries.push(entry);
        },
      },
      holder: '20261122t090000z-test/bench/1',
      steadyState: (until) => this.steadyState(until),
      settle: () => this.settle(),
      hearBlind: (listen) => this.hearBlind(listen),
      stop: this.stop.signal,
      onProgress: (progress) => this.onProgress(progress),
    };
  }

  /** `phase baseline`, `swap requested`, … in order. */
  steps(): string[] {
    return this.events.flatMap((event) => {
      if (event.type === 'phase-start') return [`phase ${event.phase}`];
      return event.type === 'fault' ? [`${event.fault} ${event.step}`] : [];
    });
  }
}

/** Sends nothing, and tells of good requests all the time. */
export const stubEngine: LoadEngine = {
  name: 'stub',
  start: async () => {
    let good = 0;
    return {
      progress: () => progressOf({ 'entry@tokyo/ap-northeast-1a': { good: ++good } }),
      stop: async () => ({ counts: [], lateP99: 0, degraded: [] }),
    };
  },
};
