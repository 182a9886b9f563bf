import { meetsReplaced } from '../faulted.ts';
import type { LintRule } from '../finding.ts';
import { calledText, grouped, ruleOrService, whoText } from '../grouped.ts';
import { policyField } from '../policy-field.ts';
import { retriesAnswers, retriesOf } from '../retry-policy.ts';
import type { Call } from '../system.ts';

/** Envoy: outlier_detection_impl.cc putHttpResponseCode. */
export const thresholdAboveBudget: LintRule = {
  id: 'threshold-above-budget',
  severity: 'warning',
  title: 'more errors eject a host than the scenario allows a caller',
  why: 'A host is ejected at the given number of failures in a row, five where consecutive5xxErrors is not set, and every calling proxy counts for itself (Envoy `outlier_detection_impl.cc`).',
  change: 'Lower consecutive5xxErrors, or allow more in errorBudget.perCaller.',
  ofChoice: true,
  check: (system) => {
    const budget = system.scenario?.expect.errorBudget?.perCaller;
    if (budget === undefined) return [];
    const slow = system.calls.filter(
      (call) =>
        call.sureness !== 'possible' &&
        meetsReplaced(system, call) &&
        thresholdOf(call) > budget &&
        !retriesAnswers(retriesOf(call)),
    );
    return grouped(slow).map((group) => {
      const [call] = group;
      return {
        object: ruleOrService(call),
        field: `${policyField(call, 'outlierDetection')}.consecutive5xxErrors`,
        what: `A host of ${calledText(call)} is ejected at failure ${thresholdOf(call)} in a row, and the scenario allows ${whoText(group)} ${budget}.`,
        change: `${budget > 0 ? `Set consecutive5xxErrors: ${budget}, or allow` : 'Allow'} ${thresholdOf(call)} in errorBudget.perCaller.`,
      };
    });
  },
};

/** The fewest 503s in a row that eject; 0 where none do, which is another rule's. */
function thresholdOf({ settings: { outlier } }: Call): number {
  if (outlier === undefined) return 0;
  const { consecutive_5xx, consecutive_gateway_failure } = outlier.rules;
  const enforced = [consecutive_5xx, consecutive_gateway_failure].filter(({ enforcing }) => enforcing > 0);
  return enforced.length === 0 ? 0 : Math.min(...enforced.map(({ threshold }) => threshold));
}
