import type { Ratio } from './units.ts';

/** What 95 % of the draws of chance lie in. */
export type Range = { readonly lo: number; readonly hi: number };

/** The same of a time in seconds; `hi: null` where it may last until the fault is undone. */
export type TimeRange = { readonly lo: number; readonly hi: number | null };

/** Where callers will be served, once they have settled. */
export type PredictedPlace = {
  readonly zone: string;
  readonly region: string;
  /** Of the calls of these callers; 0 to 0 where the place stands by. */
  readonly share: Range;
  /** Pods there that still serve, and those that served before. */
  readonly serving: number;
  readonly before: number;
};

/** What the callers of one zone will see of one service that the faults hit. */
export type PredictedCaller = {
  readonly service: string;
  readonly namespace: string;
  readonly fromZone: string;
  /** Calls of the service that fail, all callers of the zone together. */
  readonly bad: Range;
  /** From the first of them to the first call that held; absent where none fails. */
  readonly out?: TimeRange;
  /** Share of the calls that leaves home before the fault has taken effect. */
  readonly early: Ratio;
  /** Nearest first, in the order in which they take over. */
  readonly places: readonly PredictedPlace[];
  /** In words, what it comes from. */
  readonly why: readonly string[];
};

/** What one path of the load will see. */
type PredictedPath = { readonly path: string; readonly bad: Range; readonly out?: TimeRange };

/** From one injection to the next, or to the undo. */
export type PredictedStage = {
  /** Faults that are on, those of earlier stages included. */
  readonly faults: readonly string[];
  readonly callers: readonly PredictedCaller[];
  readonly paths: readonly PredictedPath[];
};

/**
 * What the mesh model says of a run before anything is touched, from the target's own configuration. It is no promise of
 * the system and no judgement: where it is wrong, the model is.
 */
export type Prediction =
  | {
      readonly state: 'predicted';
      /** Draws of chance that the ranges come from. */
      readonly draws: number;
      readonly stages: readonly PredictedStage[];
      /** Ejections by all callers until the undo. */
      readonly ejections: readonly { readonly service: string; readonly enforced: Range }[];
      /** What was taken for granted, because nobody can read it from a cluster. */
      readonly assumptions: readonly string[];
    }
  | { readonly state: 'not-predicted'; readonly reason: string };

/** A predicted range and what was measured. */
export type ComparedValue = {
  /** `prediction/bad/<path>/stage-1`: the name of what the model said. */
  readonly id: string;
  readonly what: string;
  readonly unit: 'count' | 's' | '%';
  readonly predicted: TimeRange;
  /** Absent where the run has not measured it. */
  readonly measured?: TimeRange;
  readonly state: 'inside' | 'missed' | 'not-measured';
};

/** What a run made of its prediction. It never changes the verdict: a miss is a fault of the model, or of what it was told. */
export type PredictionReview = { readonly predicted: Prediction; readonly compared: readonly ComparedValue[] };
