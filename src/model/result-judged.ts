import type { TouchedObject } from './history.ts';
import type { Place } from './place.ts';
import type { Micros } from './units.ts';

/** Where the callers of one zone were served by one service while a stage of faults was on. */
export type Ladder = {
  readonly id: string;
  readonly service: string;
  readonly fromZone: string;
  /** Where the callers are those of one cluster alone. */
  readonly fromCluster?: string;
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
  /** `home`: the caller's own zone, or where the order begins; `declared`: named by the scenario; `other`: nowhere in the order. */
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
  readonly fromCluster?: string;
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

export type PutBack = {
  /** `nothing-injected`: there was nothing to put back. */
  readonly state: 'put-back' | 'incomplete' | 'nothing-injected';
  readonly objects: readonly TouchedObject[];
  /** `held`: it is deleted already, and what holds it, which its command shows. */
  readonly leftovers: readonly {
    readonly cluster: string;
    readonly ref: string;
    readonly command: string;
    readonly held?: string;
  }[];
  /** Steady state repeated after the undo; null when it was not measured. */
  readonly steadyAfter: boolean | null;
  readonly detail: string;
};
