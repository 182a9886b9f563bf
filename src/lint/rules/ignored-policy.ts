import { namespaceOf, object } from '../../mesh/config-read.ts';
import { selectorOf } from '../../mesh/destination-rules.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { type Found, type LintRule, objectIn } from '../finding.ts';
import type { Call } from '../system.ts';

/** Istio: destination_rule.go mergeDestinationRule, sidecar.go DestinationRule; measured on the lab: the older policy stays. */
export const ignoredPolicy: LintRule = {
  id: 'ignored-policy',
  severity: 'info',
  title: 'a second DestinationRule for a host whose trafficPolicy is not used',
  why: 'Of several rules for one host in a namespace with the same exportTo the trafficPolicy of the oldest stays, and the later ones only add subsets; of those with another exportTo the youngest holds alone. A rule with a workloadSelector is kept apart from the others, and holds alone for those whom it selects (Istio `destination_rule.go` mergeDestinationRule, `sidecar.go` DestinationRule).',
  change: 'Write both into one rule.',
  check: ({ calls }) => calls.flatMap((call) => [...joined(call), ...hidden(call)]),
};

/** Rules that are one with the winner, and have given it their subsets only. */
function joined({ rule, caller, service }: Call): Found[] {
  const [first, ...later] = (rule?.from ?? []).filter(hasPolicy);
  if (first === undefined) return [];
  return later.map((item) => {
    const selects = selectorOf(first) !== undefined && selectorOf(item) === undefined;
    const why = selects ? 'selects workloads, and has the same exportTo' : 'is older';
    return {
      object: objectIn(caller.live.configuredBy, item),
      field: 'spec.trafficPolicy',
      what: `Its trafficPolicy is not in force for ${service}: ${nameOf(first)} ${why}.`,
      change: `Move it into ${nameOf(first)}.`,
    };
  });
}

function hidden({ rule, caller, service }: Call): Found[] {
  const [first] = rule?.from ?? [];
  if (first === undefined) return [];
  return (rule?.hides ?? []).filter(hasPolicy).map((item) => ({
    object: objectIn(caller.live.configuredBy, item),
    field: 'spec.exportTo',
    what: `It is not in force for ${service} in ${caller.namespace}: ${nameOf(first)} has another exportTo, and is younger.`,
    change: `Write both into one rule, or give both the same exportTo.`,
  }));
}

function hasPolicy({ spec }: KubeObject): boolean {
  return object(spec).trafficPolicy !== undefined;
}

function nameOf(rule: KubeObject): string {
  return `${namespaceOf(rule)}/${rule.metadata.name}`;
}
