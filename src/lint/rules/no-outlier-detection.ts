import { object, text } from '../../mesh/config-read.ts';
import type { Found, LintRule, Severity } from '../finding.ts';
import { calledText, grouped, ruleOrService, whoText } from '../grouped.ts';
import { configures, hasOutlierElsewhere, patchesOutlier } from '../other-clusters.ts';
import { passedOver } from '../passed-over.ts';
import { hasPolicyOfPort, policyField } from '../policy-field.ts';
import { serviceOf } from '../service-object.ts';
import { severityOf } from '../severity.ts';
import type { Call, LintSystem } from '../system.ts';

/** Istio: loadbalancer.go ApplyLocalityLoadBalancer, push_context.go destinationRule. */
export const noOutlierDetection: LintRule = {
  id: 'no-outlier-detection',
  severity: 'error',
  title: 'no outlierDetection is in force for a caller',
  why: 'Istio sets locality priorities only for a cluster with outlier detection, and Envoy leaves a priority only when its hosts are ejected or gone: without it a failing host goes on getting its share (Istio `loadbalancer.go`, `cluster_traffic_policy.go`; which rule holds: `push_context.go` destinationRule).',
  change: 'Write outlierDetection into the DestinationRule that holds for these callers.',
  ofChoice: true,
  check: (system) =>
    grouped(
      system.calls.filter((call) => call.settings.outlier === undefined && !hasOutlierElsewhere(system, call)),
    ).map((calls) => foundIn(system, calls)),
};

function foundIn(system: LintSystem, calls: readonly [Call, ...Call[]]): Found {
  const [call] = calls;
  const others = passedOver(call);
  const instead = others.length === 0 ? '' : ` ${others.join('; ')}.`;
  const field = policyField(call, 'outlierDetection');
  const place = ruleOrService(call);
  return {
    object: place,
    field,
    what: `Calls of ${whoText(calls)} to ${calledText(call)} have no outlierDetection: ${lackText(call)}.${instead}${nearText(call)}`,
    change:
      others.length === 0
        ? `Give ${place.kind === 'Service' ? `a DestinationRule for host ${call.host}` : field} an outlierDetection, for example {consecutive5xxErrors: 1, interval: 30s, baseEjectionTime: 5m, maxEjectionPercent: 100}.`
        : `Make the rule with outlierDetection hold for ${whoText(calls)}: mend exportTo, namespace, host or workloadSelector, or write outlierDetection into the rule that holds.`,
    severity: severityIn(system, calls),
  };
}

function lackText(call: Call): string {
  if (call.rule === undefined) return 'no DestinationRule holds';
  return hasPolicyOfPort(call)
    ? `the DestinationRule that holds has settings of port ${call.port}, which replace its others as a whole, and has none there`
    : 'the DestinationRule that holds has none';
}

/** No more than a note where the proxies may be configured by what was not read, than a warning where a filter patches it. */
function severityIn(system: LintSystem, calls: readonly [Call, ...Call[]]): Severity {
  const { live } = calls[0].caller;
  if (!configures(system, live)) return 'info';
  const severity = severityOf(calls);
  return patchesOutlier(live) && severity === 'error' ? 'warning' : severity;
}

function nearText(call: Call): string {
  const near = object(serviceOf(call)?.spec).trafficDistribution;
  return near === undefined ? '' : ` trafficDistribution ${text(near)} keeps calls near and ejects nobody.`;
}
