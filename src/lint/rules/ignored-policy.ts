import { namespaceOf, object } from '../../mesh/config-read.ts';
import { type LintRule, objectIn } from '../finding.ts';

/** Istio: destination_rule.go mergeDestinationRule; measured on the lab: the older policy stays. */
export const ignoredPolicy: LintRule = {
  id: 'ignored-policy',
  severity: 'info',
  title: 'a second DestinationRule for a host whose trafficPolicy is not used',
  why: 'Of several rules for one host in a namespace the trafficPolicy of the oldest stays, and the later ones only add subsets (Istio `destination_rule.go` mergeDestinationRule).',
  change: 'Write both into one rule.',
  check: ({ calls }) =>
    calls.flatMap(({ rule, caller, service }) => {
      const own = (rule?.from ?? []).filter(({ spec }) => object(spec).trafficPolicy !== undefined);
      const [first, ...later] = own;
      if (first === undefined) return [];
      return later.map((item) => ({
        object: objectIn(caller.live.configuredBy, item),
        field: 'spec.trafficPolicy',
        what: `Its trafficPolicy is not in force for ${service}: ${namespaceOf(first)}/${first.metadata.name} is older.`,
        change: `Move it into ${namespaceOf(first)}/${first.metadata.name}.`,
      }));
    }),
};
