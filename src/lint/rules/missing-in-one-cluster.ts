import type { LintRule } from '../finding.ts';
import { calledText, grouped, ruleOrService, whoText } from '../grouped.ts';
import { configures, hasOutlierElsewhere } from '../other-clusters.ts';
import { passedOver } from '../passed-over.ts';
import { policyField } from '../policy-field.ts';

/** Istio: multicluster secretcontroller.go reads Services, EndpointSlices, Pods and Nodes of remote clusters, and no configuration. */
export const missingInOneCluster: LintRule = {
  id: 'missing-in-one-cluster',
  severity: 'error',
  title: 'outlierDetection is in force in one cluster and not in another',
  why: 'Each istiod reads DestinationRules of its own cluster only; of the others it takes Services and endpoints (Istio `pkg/kube/multicluster`, `serviceregistry/kube/controller`). Callers in the cluster without the rule do not fail over.',
  change: 'Apply the same DestinationRule in every cluster.',
  check: (system) => {
    const calls = system.calls.filter(
      (call) =>
        call.settings.outlier === undefined &&
        hasOutlierElsewhere(system, call) &&
        configures(system, call.caller.live),
    );
    return grouped(calls).map((group) => {
      const [call] = group;
      const others = passedOver(call);
      const cluster = call.caller.live.configuredBy;
      return {
        object: ruleOrService(call),
        field: policyField(call, 'outlierDetection'),
        what: `Calls of ${whoText(group)} to ${calledText(call)} have outlierDetection in another cluster and none in ${cluster}.${others.length === 0 ? '' : ` ${others.join('; ')}.`}`,
        change: `Apply the DestinationRule for ${call.host} in ${cluster}, too.`,
        severity: group.every(({ sureness }) => sureness === 'possible') ? 'warning' : 'error',
      };
    });
  },
};
