/** What one guard says of a run. */
export type GuardCheck = {
  readonly guard: string;
  readonly holds: boolean;
  /** What it has looked at, or what is refused. */
  readonly detail: string;
  /** What to do about a refusal. */
  readonly hint?: string;
};
