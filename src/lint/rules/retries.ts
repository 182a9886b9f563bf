import { MESH_CONFIG } from '../../mesh/istiod/configuration.ts';
import type { Found, LintRule } from '../finding.ts';
import { grouped, whoText } from '../grouped.ts';
import { retriesAnswers, retriesOf } from '../retry-policy.ts';
import { routeField } from '../route-object.ts';
import type { Call, LintSystem } from '../system.ts';

/** Envoy: retry_state_impl.cc; a retry counts for outlier detection like a call. */
export const retriesHide: LintRule = {
  id: 'retries-hide-errors',
  severity: 'info',
  title: 'retries hide the errors of a failing host from callers',
  why: 'A 5xx that is tried again elsewhere is seen by the statistics and by outlier detection, and not by whoever calls: an error budget of 0 then proves the retry and not the failover (Envoy `retry_state_impl.cc` wouldRetryFromHeaders).',
  change: 'Judge by ejections as well, or take 5xx, gateway-error and 503 out of retryOn.',
  ofChoice: true,
  check: (system) =>
    grouped(hiding(system)).map((group) => {
      const [call] = group;
      const { retries } = retriesOf(call);
      return {
        ...placeOf(call),
        what: `Calls of ${whoText(group)} to ${call.service} are tried again up to ${retries} times after a 5xx.`,
        change: 'Expect ejections in the scenario (expect.ejections), and not only few errors.',
      };
    }),
};

/** Attempts multiply from hop to hop. */
export const retriesMultiply: LintRule = {
  id: 'retries-multiply',
  severity: 'warning',
  title: 'retries of several hops multiply',
  why: 'Each hop that tries a 5xx again repeats all calls of the hops behind it, each with retries of its own: a failing service at the end gets the product of all attempts (Envoy `retry_state_impl.cc`; Istio retries every route by itself).',
  change: 'Retry at one hop only, the one nearest to the failure or the first.',
  check: (system) =>
    system.live.clusters.flatMap(({ name }): Found[] => {
      const own = hiding(system).filter(({ caller, sureness }) => caller.live.name === name && sureness !== 'possible');
      const attempts = new Map(own.map((call) => [call.service, 1 + retriesOf(call).retries]));
      const [call] = own;
      if (system.chain === undefined || attempts.size < 2 || call === undefined) return [];
      const most = [...attempts.values()].reduce((product, one) => product * one, 1);
      return [
        {
          ...placeOf(call),
          what: `Calls to ${[...attempts.keys()].join(' and to ')} are each tried again after a 5xx: one request makes up to ${most} calls at the end of the chain.`,
          change: 'Take 5xx out of retryOn of all routes but one.',
        },
      ];
    }),
};

function hiding({ calls }: LintSystem): Call[] {
  return calls.filter((call) => call.sureness !== 'possible' && retriesAnswers(retriesOf(call)));
}

/** Where the policy stands: at the route, or in MeshConfig. */
function placeOf(call: Call): Pick<Found, 'object' | 'field'> {
  const own = call.route?.http.retries === undefined ? undefined : routeField(call, 'retries');
  const { kind, namespace, name } = MESH_CONFIG;
  const mesh = { cluster: call.caller.live.configuredBy, kind, namespace, name };
  return own ?? { object: mesh, field: 'data.mesh: defaultHttpRetryPolicy' };
}
