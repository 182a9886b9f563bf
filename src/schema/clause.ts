import type { ErrorCode } from '../model/errors.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Ratio } from '../model/units.ts';
import type { Draft, Path } from './draft.ts';
import type { Decoded, JsonSchema, Schema } from './schema.ts';

/** Where a clause says what is wrong with it before anything runs. Every `path` goes from the clause on. */
export type ClauseProblems = {
  error(code: ErrorCode, path: Path, message: string, hint?: string): void;
  /** Reports a service that the load's call chain does not have, where the load has one; no name is no problem. */
  service(path: Path, name: string | undefined): void;
  /** Reports every entry whose `key` an earlier one has; entries without a key are left out. */
  distinct(what: string, entries: readonly { readonly key: string | undefined; readonly path: Path }[]): void;
};

/** Warns of what is allowed and still not wise. `path` goes from `spec` on. */
export type Warn = (path: Path, message: string, hint?: string) => void;

/** A share of requests that the load must be able to show. */
export type ShareNeed = {
  /** Where the share stands, from the clause on. */
  readonly path: Path;
  /** The clause in words. */
  readonly name: string;
  readonly share: Ratio;
  /** The phase whose requests show it. */
  readonly when: 'baseline' | 'hold' | 'recover';
  /** Only requests that enter in this zone show it; absent: all do. */
  readonly fromZone?: string;
  /** Only requests of this name in `load.paths` show it; absent: all do. */
  readonly request?: string;
  /** The share is what its clause is about, as that of a quantile: no other can be written there. */
  readonly isFixed?: true;
};

/** What is there to be read: a clause whose schema has a default always is. */
type Written<S> = S extends { readonly default: unknown } ? Decoded<S> : Decoded<S> | undefined;

/** A clause of `spec.expect`, as its objective describes it. */
type ClauseDescription<S extends Schema<unknown>, V> = {
  readonly schema: S;
  /** What was written, or nothing, as it stands in the expectations of a run; undefined leaves it out of them. */
  readonly read: (written: Written<S>) => V;
  /** What one field says against another. Fields with problems of their own are not in the draft. */
  readonly check?: (draft: Draft<Decoded<S>>, problems: ClauseProblems) => void;
  /** What the load or the phases are too coarse, too short or too blind to decide. */
  readonly advise?: (value: Exclude<V, undefined>, scenario: Scenario, warn: Warn) => void;
  readonly shares?: (value: Exclude<V, undefined>) => readonly ShareNeed[];
};

/** A clause of `spec.expect`, as those see it who do not know what it says. */
export type Clause<V = unknown> = {
  readonly schema: JsonSchema;
  readonly read: (written: unknown) => V;
  readonly check: (draft: unknown, problems: ClauseProblems) => void;
  readonly advise: (value: unknown, scenario: Scenario, warn: Warn) => void;
  readonly shares: (value: unknown) => readonly ShareNeed[];
};

/**
 * Makes a clause of its description. What the returned functions are given must come from the clause itself: a document
 * or a draft that its schema has read, and the value that its `read` has made.
 */
export function clause<S extends Schema<unknown>, V>(description: ClauseDescription<S, V>): Clause<V> {
  const { schema, read, check, advise, shares } = description;
  type Value = Exclude<V, undefined>;
  return {
    schema,
    read: (written) => read(written as Written<S>),
    check: (draft, problems) => draft !== undefined && check?.(draft as Draft<Decoded<S>>, problems),
    advise: (value, scenario, warn) => value !== undefined && advise?.(value as Value, scenario, warn),
    shares: (value) => (value === undefined ? [] : (shares?.(value as Value) ?? [])),
  };
}
