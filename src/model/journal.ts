import type { FaultPlan, UndoOutcome } from './fault.ts';

/** Where a touched cluster is, and which one it is. */
export type JournalCluster = {
  readonly name: string;
  readonly region: string;
  readonly uid: string;
  readonly server: string;
  readonly kubeconfig: string;
  readonly context: string;
  readonly namespaces: readonly string[];
  /** The cluster whose istiod serves its proxies; its own when absent. */
  readonly configuredBy?: string;
  /** Of its lease and of the plans in it; LOCK_NAMESPACE when absent. */
  readonly lockNamespace?: string;
  /** A cluster that was started for the run and ends with it takes its faults with it. */
  readonly ephemeral: boolean;
};

/**
 * The life of a run's faults, and of its plans in each cluster. A journal begins with `opened`, and there is no file
 * without it: what a damaged journal does not tell any more, the clusters that are named there do. `announced` is durable before the plans are written into
 * a cluster, and `intent` before a fault's first write, so a crash at any point leaves enough to undo: an open fault is
 * one without `closed`, an open cluster one that was named and has no `released` since.
 */
export type JournalEntry =
  | {
      readonly state: 'opened';
      readonly runId: string;
      /** All of the target, touched or not. */
      readonly clusters: readonly JournalCluster[];
      /** Every fault that is going to be injected, in that order. */
      readonly plans: readonly FaultPlan[];
      readonly wall: string;
    }
  | {
      readonly state: 'announced';
      readonly runId: string;
      readonly cluster: JournalCluster;
      readonly wall: string;
    }
  | {
      readonly state: 'intent';
      readonly runId: string;
      readonly plan: FaultPlan;
      /** Where the cluster is and which one it is, so that another machine finds it and no other is touched. */
      readonly cluster: JournalCluster;
      readonly wall: string;
    }
  | {
      readonly state: 'applied';
      readonly fault: string;
      /** UIDs of what was created for it. Absent in old journals. */
      readonly created?: readonly string[];
      readonly wall: string;
    }
  | { readonly state: 'undo-intent'; readonly fault: string; readonly wall: string }
  | { readonly state: 'closed'; readonly fault: string; readonly outcome: UndoOutcome; readonly wall: string }
  /** Nothing is left to undo in the cluster of this name, and the run's plans are not there, or no longer. */
  | { readonly state: 'released'; readonly cluster: string; readonly wall: string };

/** Durable once `append` returns; when it throws, nothing may be injected. */
export type Journal = { append(entry: JournalEntry): void };
