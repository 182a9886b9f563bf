import type { SentLoad } from '../../../model/ports.ts';
import type { GoodRequest, Load, PathTemplate } from '../../../model/scenario.ts';
import type { Path } from '../../../model/target.ts';
import { loadOf, pathTo } from '../load-fixture.ts';
import { type AnyEngine, type LoadOutcome, runLoad } from '../run-load.ts';

/** An engine under the contract, and what it refuses before a run, so that nothing of it is asked here. */
export type Subject = {
  readonly engine: () => AnyEngine;
  readonly connections: Load['connections'];
  /** It sends other values of headers while the load goes on. */
  readonly refreshes: boolean;
  /** It speaks HTTP/2, and gRPC over it. */
  readonly http2: boolean;
  /** TLS differs from gateway to gateway. */
  readonly tlsByGateway: boolean;
};

/** Sends a load by the engine until every path has sent some requests. */
export function sender({ engine, connections }: Subject) {
  return (load: SentLoad, paths: readonly Path[], more: Parameters<typeof runLoad>[2] = {}): Promise<LoadOutcome> =>
    runLoad({ ...load, connections }, paths, {
      engine: engine(),
      enough: (handle) => handle.progress().paths.every(({ sent }) => sent >= 3),
      ...more,
    });
}

export const BARE: GoodRequest = { status: 200, chain: [], latencyMs: 900 };

/** By the name of the request, each different outcome once: `response 200`, with what was wrong, or the kind of the error. */
export function outcomesOf({ records, texts, paths }: LoadOutcome): Record<string, string[]> {
  const own = (path: number) =>
    records
      .filter((record) => record.path === path && record.ended !== 'dropped')
      .map(({ ended, status, error, text }) => {
        const words = ended === 'response' && text >= 0 ? `: ${texts[text]}` : '';
        return `${error ?? `response ${status}`}${words}`;
      });
  return Object.fromEntries(paths.map((id, path) => [id.split('@')[0], [...new Set(own(path))].sort()]));
}

/** A load of several requests, each a path of its own through one gateway. */
export function requestsTo(port: number, templates: readonly Partial<PathTemplate>[], change: Partial<Load> = {}) {
  const load = loadOf({ good: BARE, ...change });
  const first = load.paths[0] as PathTemplate;
  const named = templates.map((template) => ({ ...first, ...template }));
  const paths = named.map(({ name }): Path => ({ ...pathTo(port), name, id: `${name}@t/a` }));
  return { load: { ...load, paths: named }, paths };
}
