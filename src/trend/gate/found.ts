import type { RecordedRun } from '../recorded-run.ts';
import type { Answer, Decision, UndecidedAnswer } from './answers.ts';
import type { Requirements } from './requirements.ts';
import type { Tally } from './tally.ts';

/** A file that is no result, and why; nothing is known of its run. */
export type Unreadable = { readonly path: string; readonly problem: string };

/** What was found of many runs. */
export type FoundRuns<T extends RecordedRun = RecordedRun> = {
  readonly runs: readonly T[];
  readonly unreadable: readonly Unreadable[];
  /** Files of runs that were found before, which count once. */
  readonly repeated: readonly string[];
  /** Files of `runs` that have left something behind, and whose journals do not say that it was undone since. */
  readonly leftBehind: readonly string[];
};

/** A fact that differs between the runs of one group, with how many have each value. */
export type Mixed = {
  readonly what: string;
  readonly values: readonly { readonly value: string; readonly runs: number }[];
};

export type GateGroup = {
  readonly scenario: string;
  readonly target: { readonly name: string; readonly kind: string };
  readonly runs: number;
  readonly tally: Tally;
  readonly mixed: readonly Mixed[];
  readonly answers: readonly Answer[];
  readonly decision: Decision;
};

/** What a gate says. */
export type Gate = {
  readonly format: 'faultline/gate/v1';
  readonly decision: Decision;
  readonly exitCode: number;
  readonly requirements: Requirements;
  readonly groups: readonly GateGroup[];
  /** Of all runs, those that cannot be read among them. */
  readonly undecided: UndecidedAnswer;
} & Omit<FoundRuns, 'runs'>;
