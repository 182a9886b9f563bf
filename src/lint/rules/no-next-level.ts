import type { Found, LintRule } from '../finding.ts';
import { calledText, grouped, whoText } from '../grouped.ts';
import { routeOrService, shareText } from '../route-object.ts';
import { severityOf } from '../severity.ts';
import type { Call } from '../system.ts';
import { placesOf } from '../whereabouts.ts';

/** Envoy: load_balancer_impl.cc choosePriority; Istio makes a cluster of each subset, and none falls back to another. */
export const noNextLevel: LintRule = {
  id: 'no-next-level',
  severity: 'error',
  title: 'no endpoint in another zone or region to fail over to',
  why: 'Envoy leaves a priority for the next one that has hosts. A subset is a cluster of its own with its own hosts, and nothing falls back from one subset to another (Envoy `load_balancer_impl.cc`; Istio `cluster_builder.go` buildSubsetCluster).',
  change:
    'Run pods of the called Service, and of the subset that is called, in another zone or region, or widen the subset.',
  ofChoice: true,
  check: ({ calls }) => grouped(calls).flatMap(foundIn),
};

function foundIn(calls: readonly [Call, ...Call[]]): Found[] {
  const [call] = calls;
  const { endpoints, subset, rule } = call;
  const severity = severityOf(calls);
  const isKnown = subset === undefined || rule?.subsets.some(({ name }) => name === subset);
  const places = placesOf(endpoints);
  const zoneless = endpoints.some(({ locality }) => locality.zone === '');
  if (!isKnown || zoneless || places.length > 1 || (severity === 'info' && endpoints.length === 0)) return [];
  const what = whatText(call, places[0]);
  const share = shareText(call);
  return [
    {
      ...routeOrService(call),
      what: `${what} (${share === undefined ? 'calls' : `${share} of the calls`} of ${whoText(calls)}).`,
      change:
        subset === undefined
          ? `Run pods of ${call.service} in another zone or region.`
          : `Give subset ${subset} pods in another zone or region, choose labels that pods of several zones have, or route to the Service without a subset.`,
      severity,
    },
  ];
}

function whatText(call: Call, place: string | undefined): string {
  const count = call.endpoints.length;
  if (count === 0) return `${calledText(call)} has no ready endpoint`;
  const [all, fail] =
    count === 1 ? ['The only ready endpoint', 'it fails'] : [`All ${count} ready endpoints`, 'they fail'];
  const verb = count === 1 ? 'is' : 'are';
  return `${all} of ${calledText(call)} ${verb} in ${place}: when ${fail} there is nobody to fail over to`;
}
