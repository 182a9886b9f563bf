/** What one guard says of a run. */
export type GuardCheck = {
  readonly guard: string;
  readonly holds: boolean;
  /** What it has looked at, or what is refused. */
  readonly detail: string;
  /** What to do about a refusal. */
  readonly hint?: string;
};

/** What one guard says of a target before there is a scenario. */
export type TargetGuardCheck = GuardCheck & {
  /** It would refuse some faults there only. */
  readonly isForSome: boolean;
};
