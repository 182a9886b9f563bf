import type { Mechanism, MechanismKind } from '../model/mechanism.ts';
import type { FailureGroup } from '../model/result.ts';
import { oneLine } from './escape.ts';
import { type Html, html } from './html.ts';

const NAMES: Readonly<Record<MechanismKind, string>> = {
  'first-failure': 'first failure',
  'merge-window': 'merge window',
  'not-ejected': 'not ejected',
  'ejection-limit': 'limit of ejections',
  'tried-again': 'tried again',
  'unready-endpoint': 'endpoint not ready',
  'leaving-endpoint': 'endpoint on its way out',
  'no-healthy-host': 'no healthy host',
  'retries-exhausted': 'retries exhausted',
  'connect-timeout': 'timeout of the connection',
  timeout: 'timeout of the route',
  'no-answer': 'no answer',
  'circuit-breaker': 'circuit breaker',
};

/** `merge window`, `first failure (likely)`. */
export function mechanismName({ kind, sure }: Pick<Mechanism, 'kind' | 'sure'>): string {
  return sure === 'likely' ? `${NAMES[kind]} (likely)` : NAMES[kind];
}

/** How the mesh let the requests of a group fail, what shows it, and which fields change it. Nothing for old results. */
export function mechanismCell({ mechanisms }: FailureGroup): Html {
  if (mechanisms === undefined) return html``;
  if (mechanisms.length === 0) return html`not told by what was recorded`;
  return html`${mechanisms.map(
    (one) =>
      html`<div><b>${mechanismName(one)}</b><div class="sub">${oneLine(one.shown, 400)} Changed by ${oneLine(one.setting, 400)}.</div></div>`,
  )}`;
}
