import type { LintRule } from '../finding.ts';
import { calledText, grouped, ruleOrService, whoText } from '../grouped.ts';
import { policyField } from '../policy-field.ts';
import { severityOf } from '../severity.ts';

/** Istio: cluster_traffic_policy.go applyOutlierDetection: a threshold of 0 sets the enforcing share to 0. */
export const ejectsNobody: LintRule = {
  id: 'ejects-nobody',
  severity: 'error',
  title: 'outlierDetection that no answer can trigger',
  why: 'A threshold of 0 makes Istio set the enforcing share of that kind of ejection to 0, and consecutive gateway failures are enforced only where consecutiveGatewayErrors is set (Istio `cluster_traffic_policy.go` applyOutlierDetection). Hosts that answer 5xx are then never ejected.',
  change: 'Set consecutive5xxErrors or consecutiveGatewayErrors above 0.',
  ofChoice: true,
  check: ({ calls }) => {
    const idle = calls.filter(({ settings: { outlier } }) => {
      if (outlier === undefined) return false;
      const { consecutive_5xx, consecutive_gateway_failure } = outlier.rules;
      return consecutive_5xx.enforcing === 0 && consecutive_gateway_failure.enforcing === 0;
    });
    return grouped(idle).map((group) => ({
      object: ruleOrService(group[0]),
      field: `${policyField(group[0], 'outlierDetection')}.consecutive5xxErrors`,
      what: `No 5xx answer of ${calledText(group[0])} ejects a host for ${whoText(group)}: consecutive5xxErrors is 0 and consecutiveGatewayErrors is not set.`,
      change: 'Set consecutive5xxErrors: 1, or as many as callers may see.',
      severity: severityOf(group),
    }));
  },
};
