import type { FaultKind } from '../model/fault.ts';
import type { Phase } from '../model/history.ts';
import type { Journal } from '../model/journal.ts';
import type { Clock, Cluster, HistoryWriter, LoadEngine, LoadProgress, Prometheus, Stall } from '../model/ports.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Target, TargetGateway } from '../model/target.ts';
import type { Micros } from '../model/units.ts';

/** One cluster of a run, opened. */
export type OpenCluster = {
  readonly cluster: Cluster;
  readonly kubeconfig: string;
  readonly context: string;
  readonly uid: string | undefined;
  readonly gateways: readonly TargetGateway[];
};

/** What a plan needs: nothing here writes. */
export type PlanInputs = {
  readonly scenario: Scenario;
  readonly target: Target;
  /** The target was started for this run and ends with it. */
  readonly ephemeral: boolean;
  readonly clusters: ReadonlyMap<string, OpenCluster>;
  readonly faultKind: (kind: string) => FaultKind;
  readonly clock: Clock;
  readonly runId: string;
  /** Whom abort conditions ask; undefined where the target names none. */
  readonly prometheus: Prometheus | undefined;
  /** Contexts that the caller has named beside the targets file, since their names say production. */
  readonly allowProtected: readonly string[];
  /** The caller has said by name that the run goes without the dead-man of its target. */
  readonly noDeadMan: boolean;
};

/** What the phase machine is wired to. */
export type RunPorts = {
  readonly clock: Clock;
  readonly engine: LoadEngine;
  /** Where the engine writes its records. */
  readonly records: string;
  readonly history: HistoryWriter & { readonly zero: number };
  readonly journal: Journal;
  /** Who holds the clusters while the run goes on, as a Lease names it; nobody else's. */
  readonly holder: string;
  /** The same judgement that the final analysis makes, of the time up to this moment. */
  readonly steadyState: (until: Micros) => Promise<{ readonly holds: boolean; readonly detail: string }>;
  /** Tells from then on of stretches in which a target stood still that is a process of faultline's own. */
  readonly hearBlind?: (listen: (stretch: Stall) => void) => void;
  /** Resolves when the history has everything that the target has to say of the time so far; within some seconds. */
  readonly settle: () => Promise<void>;
  /** Aborted, with a signal name as reason, when the operator wants the run to end. */
  readonly stop: AbortSignal;
  readonly onProgress: (progress: RunProgress) => void;
};

/** What people watch while a run goes on. */
export type RunProgress = {
  readonly phase: Phase;
  /** Milliseconds since the phase began and, where the clock ends it, how long it lasts. */
  readonly elapsedMs: number;
  readonly lastsMs: number | undefined;
  readonly activeFaults: readonly string[];
  readonly load: LoadProgress | undefined;
};
