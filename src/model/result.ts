import type { AbortFinding } from './abort.ts';
import type { Finding, Verdict } from './finding.ts';
import type { Phase, RunHeader, RunStatus } from './history.ts';
import type { PredictionReview } from './prediction.ts';
import type { Failback, Ladder, PutBack, Recovery, WayHomeOutage } from './result-judged.ts';
import type {
  BadRequests,
  Budget,
  EjectionSummary,
  Evidence,
  FaultTimeline,
  Flow,
  KubeEvents,
  LatencyRow,
  QueryValues,
  Series,
} from './result-measured.ts';
import type { Micros } from './units.ts';

export type { Failback, Ladder, PutBack, Recovery, Rung, WayHomeOutage } from './result-judged.ts';
export type {
  BadRequests,
  Budget,
  EjectionSummary,
  Evidence,
  FailureGroup,
  FaultTimeline,
  Flow,
  FlowPart,
  KubeEvents,
  LatencyRow,
  QueryValues,
  RequestExample,
  Series,
  Tally,
} from './result-measured.ts';

/**
 * Everything a reader of a run needs, as a pure function of its history and records: `result.json`, and the only input
 * of all reports. Times are run time in microseconds; `zero` is the report's T0.
 */
export type RunResult = {
  readonly format: 'faultline/result/v1';
  readonly run: Omit<RunHeader, 'faults'>;
  readonly startedAt: string;
  readonly duration: Micros;
  readonly status: RunStatus;
  /** Why the run did not complete, where it did not. */
  readonly statusReason?: string;
  /** Abort conditions that were met, in their order; absent when none was. `ends`: it has ended the run. */
  readonly abortConditions?: readonly (AbortFinding & { readonly at: Micros; readonly ends: boolean })[];
  readonly verdict: Verdict;
  readonly exitCode: number;
  /** The one reason: the worst finding, in one sentence with measured and target. */
  readonly reason: string;
  /** Id of the finding behind `reason`. */
  readonly reasonFinding?: string;
  /** What happened, at most six sentences in time order. */
  readonly story: readonly StoryLine[];
  readonly findings: readonly Finding[];
  readonly putBack: PutBack;
  /** T0: the earliest certain evidence that the first fault took effect. Absent when nothing was injected. */
  readonly zero?: Micros;
  /** The last moment at which it had not yet: T0 lies between `zeroFrom` and `zero`. */
  readonly zeroFrom?: Micros;
  readonly guides: readonly Guide[];
  readonly phases: readonly { readonly phase: Phase; readonly start: Micros; readonly end: Micros }[];
  readonly faults: readonly FaultTimeline[];
  readonly series: Series;
  /** Of each service that was hit, in the order of the call chain; absent in old results. */
  readonly flows?: readonly Flow[];
  readonly ladders: readonly Ladder[];
  readonly failbacks: readonly Failback[];
  readonly recoveries: readonly Recovery[];
  /** Outages between the first undo request and the end of the run, longest first; at most 100. */
  readonly wayHome: readonly WayHomeOutage[];
  readonly budget: Budget;
  /** Every bad request of the run; absent in old results. */
  readonly badRequests?: BadRequests;
  readonly latency: readonly LatencyRow[];
  readonly ejections: EjectionSummary;
  /** What the mesh model said before the run, and what was measured; absent in old histories. */
  readonly prediction?: PredictionReview;
  /** File of the load generator's own dashboard, beside the report; absent when there is none. */
  readonly loadDashboard?: string;
  /** Absent in old results. */
  readonly kubeEvents?: KubeEvents;
  /** Of each query that was asked; absent where the scenario names none, and in old results. */
  readonly queries?: readonly QueryValues[];
  readonly evidence: readonly Evidence[];
  /** How many evidence rows were left out of `evidence`. */
  readonly evidenceLeftOut: number;
};

export type StoryLine = { readonly at?: Micros; readonly text: string; readonly link: string };

/** A vertical guide line of the time charts: T0 fault effective, T1 first error, T2 first answer from the next place, T3 recovered, T4 undone, T5 home. */
export type Guide = {
  readonly id: 'T0' | 'T1' | 'T2' | 'T3' | 'T4' | 'T5';
  readonly at: Micros;
  readonly label: string;
};
