import type { LintRule } from '../finding.ts';
import { calledText, grouped, ruleOrService, whoText } from '../grouped.ts';
import { isPassedThrough, policyField } from '../policy-field.ts';
import { severityOf } from '../severity.ts';

/** Istio: cluster_traffic_policy.go applyLoadBalancer makes an ORIGINAL_DST cluster without any endpoints of it. */
export const passthrough: LintRule = {
  id: 'passthrough',
  severity: 'error',
  title: 'calls are passed through to the address that they were made for',
  why: 'Of loadBalancer.simple PASSTHROUGH Istio makes an ORIGINAL_DST cluster without endpoints: the call goes on to the cluster IP, kube-proxy chooses a pod of the caller’s own cluster, and neither locality nor outlier detection has a say (Istio `cluster_traffic_policy.go` applyLoadBalancer).',
  change: 'Take loadBalancer.simple: PASSTHROUGH away.',
  check: ({ calls }) =>
    grouped(calls.filter(isPassedThrough)).map((group) => {
      const [call] = group;
      return {
        object: ruleOrService(call),
        field: `${policyField(call, 'loadBalancer')}.simple`,
        what: `Calls of ${whoText(group)} to ${calledText(call)} are passed through to the address that they were made for: no proxy moves a call away.`,
        change: 'Remove loadBalancer.simple: PASSTHROUGH here, or name another one.',
        severity: severityOf(group),
      };
    }),
};
