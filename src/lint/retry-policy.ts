import { type JsonObject, object } from '../mesh/config-read.ts';
import { istioDefaults } from '../mesh/istio-version.ts';
import { defaultRetryPolicy, type RetryPolicy } from '../mesh/retry.ts';
import { readRetries } from '../mesh/route-config.ts';
import type { Call } from './system.ts';

/** What the caller's proxy tries again: the route's own policy, else MeshConfig's, else Istio's. */
export function retriesOf({ route, caller }: Call): RetryPolicy {
  const istios = defaultRetryPolicy(istioDefaults(caller.live.istio).retries503 ? '<=1.23' : '>=1.24');
  const own = caller.live.mesh.defaultHttpRetryPolicy;
  const defaults = own === undefined ? istios : readRetries(own as JsonObject, istios);
  return route?.http.retries === undefined ? defaults : readRetries(object(route.http.retries), defaults);
}

/** Whether a 503 that a host answers is tried again, so that nobody but statistics sees it. */
export function retriesAnswers({ retries, on, statusCodes }: RetryPolicy): boolean {
  return retries > 0 && (on.includes('5xx') || on.includes('gateway-error') || statusCodes.includes(503));
}
