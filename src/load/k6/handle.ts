import type { LoadHandle, LoadOrder, LoadProgress } from '../../model/ports.ts';

/** Why the evidence is doubtful is known while the load goes on. */
export type K6View = LoadProgress & { readonly degraded: readonly string[] };
/** One or more k6 that send. */
export type ViewHandle = Omit<LoadHandle, 'progress'> & { readonly progress: () => K6View };
/** A k6 of this machine. */
export type K6Handle = ViewHandle & { readonly pid: number };
/** The engine that sends from pods. */
export type PodsEngine = {
  readonly name: 'k6-operator';
  start(options: LoadOrder): Promise<ViewHandle>;
};
export type K6Engine = {
  readonly name: 'k6';
  start(options: LoadOrder): Promise<K6Handle>;
};
