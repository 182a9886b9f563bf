import type { Json } from '../../model/scenario.ts';

/** The part of a plan's data that every kind has which works from within pods. */
export type InPodData = {
  readonly namespaces: readonly string[];
  readonly image: string;
  readonly expirySeconds: number;
};

/** How a kind knows the data of its plans, and as much of one as its undo in one namespace needs. */
export type DataOf<Data> = {
  readonly isData: (data: Json) => boolean;
  readonly bare: (namespace: string, image: string) => Data;
};
