import type { LoadHandle, LoadOrder, LoadProgress } from '../../model/ports.ts';

/** Why the evidence is doubtful is known while the load goes on. */
export type K6View = LoadProgress & { readonly degraded: readonly string[]; readonly failure?: string };
export type K6Handle = Omit<LoadHandle, 'progress'> & {
  readonly progress: () => K6View;
  /** Process id of k6. */
  readonly pid: number;
};
export type K6Engine = {
  readonly name: 'k6';
  start(options: LoadOrder): Promise<K6Handle>;
};
