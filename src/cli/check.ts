/** One thing that `faultline doctor` has looked at. */
export type Check = {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix?: string;
  /** Only some scenarios need it: its absence is said and is no failure. */
  readonly optional?: true;
};
