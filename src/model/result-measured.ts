import type { ValueLimit } from './abort.ts';
import type { FaultStep, Phase } from './history.ts';
import type { Mechanism } from './mechanism.ts';
import type { Chain } from './record.ts';
import type { Micros } from './units.ts';

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

/** Who served the callers of a service that a fault hit: before, in each stage of faults, and after. */
export type Flow = { readonly service: string; readonly parts: readonly FlowPart[] };

/** One part of a run. Its ends may be off by one bucket of the series, of which the counts are made. */
export type FlowPart = {
  readonly part: 'before' | 'stage' | 'after';
  readonly start: Micros;
  readonly end: Micros;
  /** Faults that were on. */
  readonly faults: readonly string[];
  /** Zones in which they hit pods of the service, named as in `calls`. */
  readonly hit: readonly string[];
  /**
   * Good calls, by the zone of the caller and the zone that served them: `north-a`, and where several clusters have a zone of
   * that name `north-a (blue)`, as far as it is known which (model/zone-label.ts). `through` is the way into another network;
   * where proxies tell of nothing behind it, it is what served.
   */
  readonly calls: readonly {
    readonly from: string;
    readonly to: string;
    readonly n: number;
    readonly through?: string;
  }[];
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
  /** How the mesh let them fail, that of most calls first; empty where what was recorded does not tell. Absent in old results. */
  readonly mechanisms?: readonly Mechanism[];
};

/** What clusters told in Events of the objects that faults touched, their pods and owners among them. */
export type KubeEvents = {
  /** In time order, the first 200. */
  readonly events: readonly {
    /** Id of its evidence row. */
    readonly id: string;
    readonly at: Micros;
    readonly cluster: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly warning: boolean;
    readonly reason: string;
    readonly message: string;
    /** How often it had been told. */
    readonly count: number;
  }[];
  /** Further ones of these objects. */
  readonly more: number;
  /** Events of other objects, which are in the history only. */
  readonly others: number;
  /** Namespaces whose Events could not be read: `tokyo/default`. */
  readonly unread: readonly string[];
};

/** What a query of Prometheus was while the run went on, that the scenario names. */
export type QueryValues = {
  /** Where the scenario names it, and at which place of that list, from 0. */
  readonly of: 'abort' | 'require';
  readonly index: number;
  readonly query: string;
  readonly limit: ValueLimit;
  /**
   * In time order, at most 240: of a long run the worst value of each stretch. A value stands from `at`, when it was asked, up
   * to `until`; null where none was told, or none that is a finite number.
   */
  readonly values: readonly { readonly at: Micros; readonly until: Micros; readonly value: number | null }[];
};

/** Every bad request of a run. */
export type BadRequests = {
  /** The first 200, in the order of their due times. */
  readonly first: readonly (RequestExample & { readonly cause: string; readonly caller: string })[];
  /** All others, by what went wrong, most frequent first. */
  readonly rest: readonly { readonly cause: string; readonly text?: string; readonly count: number }[];
  /** Those that no error budget counts, before the faults and on the way home, as `budget.groups`. Absent in old results. */
  readonly groups?: readonly FailureGroup[];
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
