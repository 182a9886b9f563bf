/** A drill of a scenario, with a rate and a hold of its own. */
export type Drill = { readonly scenario: string; readonly rate: number; readonly holdSeconds: number };

/** Different scenarios and rates, one after the other. */
export const DRILLS_IN_TURN: readonly Drill[] = [
  { scenario: 'service-failover', rate: 20, holdSeconds: 8 },
  { scenario: 'service-failover', rate: 10, holdSeconds: 8 },
  { scenario: 'pod-kill', rate: 20, holdSeconds: 6 },
  { scenario: 'service-failover', rate: 25, holdSeconds: 8 },
  { scenario: 'region-failover', rate: 15, holdSeconds: 8 },
];
