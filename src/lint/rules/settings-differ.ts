import type { LintRule } from '../finding.ts';
import { calledText, ruleOrService } from '../grouped.ts';
import { policyField } from '../policy-field.ts';
import type { Call } from '../system.ts';

/** As missing-in-one-cluster: each istiod reads its own. */
export const settingsDiffer: LintRule = {
  id: 'settings-differ',
  severity: 'warning',
  title: 'outlierDetection differs between clusters',
  why: 'Each istiod reads DestinationRules of its own cluster only: callers of two clusters then eject at other errors and for other times, and what one drill shows does not hold for the other cluster (Istio `pkg/kube/multicluster`).',
  change: 'Apply the same DestinationRule in every cluster.',
  ofChoice: true,
  check: ({ calls }) => {
    const sure = calls.filter(({ sureness, settings }) => sureness !== 'possible' && settings.outlier !== undefined);
    const kindOf = ({ service, subset, caller }: Call) => JSON.stringify([service, subset ?? null, caller.gateway]);
    return [...Map.groupBy(sure, kindOf).values()].flatMap((group) => {
      const [first] = group;
      const other = group.find(
        (call) =>
          call.caller.live.configuredBy !== first?.caller.live.configuredBy &&
          textOf(call) !== (first === undefined ? '' : textOf(first)),
      );
      if (first === undefined || other === undefined) return [];
      return {
        object: ruleOrService(other),
        field: policyField(other, 'outlierDetection'),
        what: `outlierDetection for ${calledText(other)} is not that of ${first.caller.live.configuredBy}.`,
        change: `Apply the DestinationRule of one cluster in the other, too.`,
      };
    });
  },
};

function textOf({ settings }: Call): string {
  return JSON.stringify(settings.outlier);
}
