export type Subresource =
  | 'status'
  | 'scale'
  | 'log'
  | 'eviction'
  | 'binding'
  | 'proxy'
  | 'finalize'
  | 'exec'
  | 'portforward'
  | 'ephemeralcontainers';

/** One resource type of the API: what discovery tells and what storage needs. */
export type Resource = {
  /** Empty for the core group. */
  readonly group: string;
  /** Served versions, preferred and stored one first. */
  readonly versions: readonly [string, ...string[]];
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly subresources: readonly Subresource[];
  /** Whether metadata.generation counts changes of the spec. */
  readonly generation: boolean;
  /** Served by a CustomResourceDefinition: no strategic merge patch. */
  readonly custom: boolean;
};
