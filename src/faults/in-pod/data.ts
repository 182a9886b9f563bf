/** The part of a plan's data that every kind has which works from within pods. */
export type InPodData = {
  readonly namespaces: readonly string[];
  readonly image: string;
  readonly expirySeconds: number;
};
