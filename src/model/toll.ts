import type { Millis, Ratio } from './units.ts';

/** Pods, as the plan of a fault knows them. */
export type PodSet =
  /** Those that the plan names as affected. */
  | { readonly kind: 'affected' }
  /** Of the fault's cluster, as `namespace/name`. */
  | { readonly kind: 'pods'; readonly pods: readonly string[] }
  /** Who has one of these addresses, or one in these ranges: in the fault's cluster, or in any. */
  | { readonly kind: 'addresses'; readonly addresses: readonly string[]; readonly of: 'cluster' | 'any' }
  /** Who stands behind a Service (`namespace/name`, or `namespace/*` and the end of names), in whichever cluster. */
  | { readonly kind: 'service'; readonly service: string }
  /** Of these clusters: of a namespace, or of all where it is null. */
  | { readonly kind: 'callers'; readonly clusters: readonly string[]; readonly namespace: string | null }
  /** Of the networks of other clusters, or of the fault's own. */
  | { readonly kind: 'outside' | 'inside' };

/**
 * Calls that a fault may take from Services at any time until it is undone, rounds to come and pods to come included. In
 * doubt it is more: guards add up what all faults take together.
 */
export type Toll = {
  /** Of these calls so many fail. */
  readonly share: Ratio;
  /** They are answered so much later, in place of failing. */
  readonly afterMs?: Millis;
  /** So much later for each round trip: a call for which a connection is made waits for those of its handshakes, too. */
  readonly perTrip?: true;
  /**
   * Of the calls of some caller so many may fail in a row, as answers of the pods themselves: for that its outlier detection
   * may eject them, whatever `share` of all calls it is.
   */
  readonly ejects?: Ratio;
  /** Only calls to this port of the pods that are called. */
  readonly port?: number;
  /** So many of the pods at the same time, where which of them is not settled; all of them when absent. */
  readonly most?: number;
  /** The scenario itself says that the ones call the others. */
  readonly named?: true;
} & (
  | { /** Who is called; whoever it is when absent. */ readonly to: PodSet; readonly by?: PodSet }
  | { /** Who calls; whoever it is when absent. */ readonly by: PodSet; readonly to?: undefined }
);

/** The toll of a fault whose affected pods serve nobody while it is on, or for a part of that time. */
export const ALL_AFFECTED: readonly Toll[] = [{ to: { kind: 'affected' }, share: 1 }];
