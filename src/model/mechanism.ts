/** Ways in which a mesh lets requests fail, of those that its counters, or the words of its proxies, can show. */
export const MECHANISMS = [
  'first-failure',
  'merge-window',
  'not-ejected',
  'ejection-limit',
  'tried-again',
  'unready-endpoint',
  'leaving-endpoint',
  'no-healthy-host',
  'retries-exhausted',
  'connect-timeout',
  'timeout',
  'no-answer',
  'circuit-breaker',
] as const;

export type MechanismKind = (typeof MECHANISMS)[number];

/** Why requests of a group failed, as far as what was recorded shows it. */
export type Mechanism = {
  readonly kind: MechanismKind;
  /** `certain`: the counters of the very proxy show it, of as many calls as failed; `likely`: of fewer, or of one of several proxies, or its words alone say it. */
  readonly sure: 'certain' | 'likely';
  /** What was recorded that shows it, in a sentence. */
  readonly shown: string;
  /** The fields that change it, and whose they are. */
  readonly setting: string;
};
