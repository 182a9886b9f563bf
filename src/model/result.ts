import type { Finding, Verdict } from './finding.ts';
import type { FaultStep, Phase, RunHeader, RunStatus, TouchedObject } from './history.ts';
import type { Chain } from './record.ts';
import type { Place } from './scenario.ts';
import type { Micros } from './units.ts';

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
  readonly verdict: Verdict;
  readonly exitCode: number;
  /** The one reason: the worst finding, in one sentence with measured and target. */
  readonly reason: string;
  /** Id of the finding behind `reason`. */
  readonly reasonFinding?: string;
  /** What happened, at most five sentences in time order. */
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
  readonly ladders: readonly Ladder[];
  readonly failbacks: readonly Failback[];
  readonly recoveries: readonly Recovery[];
  /** Outages between the first undo request and the end of the run, longest first; at most 100. */
  readonly wayHome: readonly WayHomeOutage[];
  readonly budget: Budget;
  readonly latency: readonly LatencyRow[];
  readonly ejections: EjectionSummary;
  /** File of the load generator's own dashboard, beside the report; absent when there is none. */
  readonly loadDashboard?: string;
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

export type FaultTimeline = {
  readonly name: string;
  readonly kind: string;
  readonly cluster: string;
  readonly summary: string;
  readonly steps: readonly { readonly step: FaultStep; readonly at: Micros; readonly detail?: string }[];
  /** When it took effect: the earliest evidence after the acknowledgement, from the cluster or from a request. */
  readonly effective?: Micros;
  readonly ended?: Micros;
};

/** Equal buckets over the whole run, at most 900. Every array has `columns` entries. */
export type Series = {
  readonly start: Micros;
  readonly bucket: Micros;
  readonly columns: number;
  /** Good hops of each service by serving place. */
  readonly serving: readonly {
    readonly service: string;
    readonly zone: string;
    readonly region: string;
    readonly counts: readonly number[];
  }[];
  readonly good: readonly number[];
  readonly bad: readonly number[];
  readonly dropped: readonly number[];
  readonly paths: readonly {
    readonly path: string;
    readonly good: readonly number[];
    readonly bad: readonly number[];
  }[];
  /** Latency of served requests in milliseconds, however slow; null in a bucket without any. */
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
};

/** Where the callers of one zone were served by one service while a stage of faults was on. */
export type Ladder = {
  readonly id: string;
  readonly service: string;
  readonly fromZone: string;
  /** Faults that were on in this stage. */
  readonly faults: readonly string[];
  /** Counts from 1. */
  readonly stage: number;
  readonly start: Micros;
  readonly end: Micros;
  readonly rungs: readonly Rung[];
  /** Good hops of this caller zone in the steady part of the stage. */
  readonly samples: number;
  readonly finding: string;
};

export type Rung = {
  readonly place: Place;
  /** `home`: the caller's own zone; `declared`: named by the scenario; `other`: nowhere in the order. */
  readonly origin: 'home' | 'declared' | 'other';
  /** Healthy endpoints there that no active fault hits; null when unknown. */
  readonly capacity: number | null;
  readonly expectedShare: number;
  readonly share: number;
  readonly hits: number;
  readonly firstHit?: Micros;
  readonly state: 'took-over' | 'partly' | 'skipped' | 'too-early' | 'never' | 'not-needed' | 'down' | 'unexpected';
  readonly evidence: readonly string[];
};

/** The way home after the undo. */
export type Failback = {
  readonly service: string;
  readonly fromZone: string;
  readonly undone: Micros;
  /** Home again in this interval; `hi: null` when not before the end of the run; absent when it never left. */
  readonly home?: { readonly lo: Micros; readonly hi: Micros | null };
  readonly finding: string;
};

/** One path in one stage of faults. */
export type Recovery = {
  readonly path: string;
  /** Counts from 1. */
  readonly stage: number;
  readonly faults: readonly string[];
  /** When the clock started: the fault's acknowledgement and its effect. */
  readonly acknowledged: Micros;
  readonly effective: Micros;
  readonly state: 'not-impacted' | 'recovered' | 'not-recovered' | 'too-few-samples';
  readonly firstBad?: Micros;
  /** Recovery as an interval of run time: (start of the last bad request, end of the first good one of the run that held). */
  readonly recovered?: { readonly lo: Micros; readonly hi: Micros | null };
  /** Outages after the first that recovered and came back. */
  readonly flaps: number;
  readonly bad: number;
  /** Of `bad`: those that noise of the baseline may explain. */
  readonly doubtful: number;
  readonly total: number;
  readonly badTime: Micros;
  /** How long the longest outage lasted, from its first bad request to the first good one of the run that held. */
  readonly lasted?: { readonly lo: Micros; readonly hi: Micros | null };
  readonly finding?: string;
};

/** One outage on one path after the first undo request. */
export type WayHomeOutage = {
  readonly path: string;
  /** Due time of its first bad request. */
  readonly from: Micros;
  readonly lasted: { readonly lo: Micros; readonly hi: Micros | null };
  readonly bad: number;
};

/** Requests by what is known of them. Everything that counts requests is made of these. */
export type Tally = {
  readonly good: number;
  readonly bad: number;
  /** Dropped, lost, or saying nothing about the target. */
  readonly unknown: number;
};

export type Budget = Tally & {
  readonly window: { readonly start: Micros; readonly end: Micros };
  readonly paths: readonly (Tally & { readonly path: string; readonly doubtful: number })[];
  /** Calling proxies with bad requests, the most first. */
  readonly callers: readonly {
    readonly caller: string;
    readonly zone: string;
    readonly bad: number;
    /** Of `bad`: those that noise of the baseline may explain. */
    readonly doubtful: number;
  }[];
  /** Calling proxies that called before the fault and were not asked while it was on, although their neighbours were. */
  readonly notAsked: readonly string[];
  /** Failures grouped by what went wrong, most frequent first. */
  readonly groups: readonly FailureGroup[];
};

export type FailureGroup = {
  /** `status 503`, `timeout`, `chain incomplete: upstream connect error…` */
  readonly cause: string;
  /** The error's own words, where they were recorded: `self-signed certificate in certificate chain`. */
  readonly text?: string;
  readonly path: string;
  readonly caller: string;
  readonly count: number;
  readonly first: Micros;
  readonly last: Micros;
  readonly example: RequestExample;
};

export type RequestExample = {
  readonly path: string;
  readonly seq: number;
  readonly due: Micros;
  readonly latencyMs: number;
  readonly status: number;
  readonly error?: string;
  /** The error's own words. */
  readonly text?: string;
  readonly chain?: Chain;
};

/**
 * Percentiles of all complete answers, however slow; null where there are too few samples for that percentile, or where
 * so many requests of the phase were never answered that they could hold it.
 */
export type LatencyRow = {
  readonly phase: Phase;
  readonly service: string;
  readonly zone: string;
  readonly n: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number;
  /** Share of the phase's requests, on all paths, that were never completely answered: they could be slower than any of these. */
  readonly censored: number;
};

export type EjectionSummary = {
  /** Whether every cluster's statistics could be read. */
  readonly readable: boolean;
  readonly detail: string;
  readonly services: readonly {
    readonly service: string;
    /** Ejections enforced between injection and the end of the undo, over all callers. */
    readonly enforced: number;
    /** Of `enforced`: those by proxies whose calls the affected pods had served. */
    readonly concerned: number;
    readonly callers: number;
    readonly maxActive: number;
    readonly overflow: number;
  }[];
  /** Changes in time order. */
  readonly changes: readonly {
    readonly at: Micros;
    readonly cluster: string;
    readonly pod: string;
    readonly zone: string;
    readonly service: string;
    readonly active: number;
    readonly enforcedTotal: number;
  }[];
};

export type Evidence = {
  /** `e12` for history event 12, `r-<path index>-<seq>` for a request. */
  readonly id: string;
  readonly at: Micros;
  readonly cluster: string;
  readonly source: 'harness' | 'kubernetes' | 'mesh' | 'request';
  readonly text: string;
  /** The raw event or record as JSON. */
  readonly raw: string;
  /** The first findings that point here, at most 20: findings name their evidence, so all of them can be found. */
  readonly usedBy: readonly string[];
};

export type PutBack = {
  /** `nothing-injected`: there was nothing to put back. */
  readonly state: 'put-back' | 'incomplete' | 'nothing-injected';
  readonly objects: readonly TouchedObject[];
  readonly leftovers: readonly { readonly cluster: string; readonly ref: string; readonly command: string }[];
  /** Steady state repeated after the undo; null when it was not measured. */
  readonly steadyAfter: boolean | null;
  readonly detail: string;
};
