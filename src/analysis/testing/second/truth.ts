import type { Verdict } from '../../../model/finding.ts';
import type { HistoryEvent } from '../../../model/history.ts';
import type { Micros } from '../../../model/units.ts';
import type { ObjectiveName } from '../../objectives/index.ts';

/** What is known of a run because it was made so. */
export type Truth = {
  /** The verdicts that an honest judge may give. */
  readonly verdicts: readonly Verdict[];
  /** Objectives that may fail; nothing else may. Absent: none when `fail` is no allowed verdict, else any. */
  readonly failures?: readonly ObjectiveName[];
  /** When the verdict is fail, at least one of these has failed. */
  readonly mustFail?: readonly ObjectiveName[];
  /** Findings, by objective or by id, that are true and shown. */
  readonly mustPass?: readonly string[];
  /** Findings, by objective or by id, of which one at least must not pass. */
  readonly mustNotPass?: readonly string[];
  readonly recovery?: TrueRecovery;
  /** When the first fault took effect. */
  readonly effect?: Micros;
  /** A careful judge must be certain here: `inconclusive` is timid. */
  readonly timid: boolean;
};

/** Times of one path in one stage, which the measured intervals must contain. */
export type TrueRecovery = {
  readonly path: string;
  readonly stage: number;
  /** From the true effect of the first fault to the moment from which requests were good again. */
  readonly lateness?: Micros;
  /** From the first bad request's sending to that moment. */
  readonly length?: Micros;
};

/** A recorded run with what is true of it. */
export type TruthRun = {
  readonly name: string;
  readonly history: readonly HistoryEvent[];
  readonly records: string;
  readonly truth: Truth;
};

/** One way to make runs. */
export type Kind = {
  readonly name: string;
  readonly author: 'second';
  /** Ids of docs/verdict.md. */
  readonly rule: string;
  /** Why the truth is what it is, in one line. */
  readonly why: string;
  make(seed: number): TruthRun;
};
