import type { AbortCondition } from './abort.ts';
import { fastestRate, type Rated } from './rates.ts';
import type { Load, Scenario } from './scenario.ts';
import type { Millis } from './units.ts';

/** Not longer than the lease lasts after its last renewal, at the latest 15 s before: that ends the run, too, and tells less. */
const NO_CONTACT_MS: Millis = 30_000;
/** Unless the load takes longer to tell anything. */
const BLIND_MS: Millis = 20_000;

/** The conditions that a run is watched for: those of its scenario, and the two that always hold where it has no others. */
export function abortConditions({ abort = [], load }: Pick<Scenario, 'abort' | 'load'>): readonly AbortCondition[] {
  const has = (kind: AbortCondition['kind']) => abort.some((one) => one.kind === kind);
  return [
    ...abort,
    ...(has('noContact') ? [] : [{ kind: 'noContact', forMs: NO_CONTACT_MS } as const]),
    ...(has('blind') ? [] : [{ kind: 'blind', forMs: Math.max(BLIND_MS, shortestBlind(load)) } as const]),
  ];
}

/** How long a load may say nothing although all is well with it: three of its requests, and the timeout of the last one. */
export function shortestBlind(load: Rated & Pick<Load, 'timeoutMs'>): Millis {
  return Math.ceil((3000 / fastestRate(load) + load.timeoutMs) / 1000) * 1000;
}
