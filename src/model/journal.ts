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
  /** A cluster that was started for the run and ends with it takes its faults with it. */
  readonly ephemeral: boolean;
};

/**
 * The life of one fault in the journal. `intent` is durable before the first write, so a crash at any point leaves
 * enough to undo; an open entry is one without `closed`.
 */
export type JournalEntry =
  | {
      readonly state: 'intent';
      readonly runId: string;
      readonly plan: FaultPlan;
      /** Where the cluster is and which one it is, so that another machine finds it and no other is touched. */
      readonly cluster: JournalCluster;
      readonly wall: string;
    }
  | { readonly state: 'applied'; readonly fault: string; readonly wall: string }
  | { readonly state: 'undo-intent'; readonly fault: string; readonly wall: string }
  | { readonly state: 'closed'; readonly fault: string; readonly outcome: UndoOutcome; readonly wall: string };

/** Durable once `append` returns; when it throws, nothing may be injected. */
export type Journal = { append(entry: JournalEntry): void };
