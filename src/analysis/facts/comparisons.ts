/** What a run is judged over. */
export type Breadth = {
  readonly paths: number;
  /** Of those seen and those planned, whichever are more. */
  readonly stages: number;
};

/** How many comparisons with a target can fail a healthy run by chance. */
export type Comparisons = (over: Breadth) => number;
