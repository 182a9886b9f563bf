import type { Found, LintRule } from '../finding.ts';
import { calledText, grouped, ruleOrService, whoText } from '../grouped.ts';
import { ladderOf } from '../ladder.ts';
import { policyField } from '../policy-field.ts';
import { severityOf } from '../severity.ts';
import type { Call } from '../system.ts';
import { placesOf } from '../whereabouts.ts';

/** Istio: loadbalancer.go ApplyLocalityLoadBalancer (`distribute` first), agent.ValidateLocalityLbSetting. */
export const distribute: LintRule = {
  id: 'distribute',
  severity: 'error',
  title: 'distribute in place of failover',
  why: 'distribute sets weights and no priorities, and endpoints in localities that it does not list get nothing, whatever fails; with failover beside it Istio refuses the rule, and where it is not asked distribute wins (Istio `loadbalancer.go` applyLocalityWeights, validation `ValidateLocalityLbSetting`).',
  change: 'Take distribute away; keep failover or failoverPriority where the order shall be another than by locality.',
  ofChoice: true,
  check: ({ calls }) =>
    grouped(calls.filter(({ settings: { localityLb } }) => localityLb.enabled && localityLb.distribute.length > 0)).map(
      foundIn,
    ),
};

function foundIn(calls: readonly [Call, ...Call[]]): Found {
  const [call] = calls;
  const { failover, failoverPriority } = call.settings.localityLb;
  const both = failover.length > 0 || failoverPriority.length > 0;
  const all = placesOf(call.endpoints);
  const reached = call.caller.pods.map((pod) => placesOf(ladderOf(call, pod).flat()));
  const fewest = reached.reduce((least, places) => (places.length < least.length ? places : least), all);
  const dropped = all.filter((place) => !fewest.includes(place));
  const severity = severityOf(calls);
  const stuck = both || fewest.length < 2;
  return {
    object: ruleOrService(call),
    field: `${policyField(call, 'loadBalancer')}.localityLbSetting.distribute`,
    what: [
      `Calls of ${whoText(calls)} to ${calledText(call)} are spread by weight, and there is no order to fail over in.`,
      ...(both ? [' failover or failoverPriority beside it is not used.'] : []),
      ...(dropped.length > 0 ? [` Some callers never reach ${dropped.join(', ')}, whatever fails.`] : []),
    ].join(''),
    change: 'Remove distribute, or list in it every locality that shall be able to take over.',
    severity: stuck || severity === 'info' ? severity : 'warning',
  };
}
