import { CLUSTER_LABEL } from '../../mesh/networks.ts';
import type { Found, LintRule } from '../finding.ts';
import { calledText, grouped, ruleOrService, whoText } from '../grouped.ts';
import { hasLevels } from '../ladder.ts';
import { policyField } from '../policy-field.ts';
import type { Call } from '../system.ts';
import { placeOf } from '../whereabouts.ts';

/** Istio: util.LbPriority compares region, zone and subzone, and no cluster; measured on the lab: 31 to 29 across the clusters. */
export const sameZoneInTwoClusters: LintRule = {
  id: 'same-zone-in-two-clusters',
  severity: 'warning',
  title: 'two clusters have endpoints in the same zone, and nothing prefers the own one',
  why: 'The default order compares region, zone and subzone only: endpoints of both clusters in a zone of that name are one priority, and half of the calls leave the cluster before anything has failed (Istio `util.go` LbPriority).',
  change: `Give the clusters zones of their own, or put ${CLUSTER_LABEL} first in failoverPriority.`,
  ofChoice: true,
  check: ({ calls }) =>
    grouped(
      calls.filter((call) => {
        const prefersOwn = call.settings.localityLb.failoverPriority.some(
          (label) => label.split('=')[0] === CLUSTER_LABEL,
        );
        return call.sureness !== 'possible' && hasLevels(call) && !prefersOwn;
      }),
    ).flatMap(foundIn),
};

function foundIn(calls: readonly [Call, ...Call[]]): Found[] {
  const [call] = calls;
  const byPlace = Map.groupBy(call.endpoints, ({ locality }) => placeOf(locality));
  const shared = [...byPlace].filter(
    ([, pods]) =>
      pods.some(({ locality }) => locality.zone !== '') && new Set(pods.map(({ cluster }) => cluster)).size > 1,
  );
  if (shared.length === 0) return [];
  return [
    {
      object: ruleOrService(call),
      field: `${policyField(call, 'loadBalancer')}.localityLbSetting.failoverPriority`,
      what: `${shared.map(([place]) => place).join(', ')} has endpoints of ${calledText(call)} in more than one cluster: ${whoText(calls)} call them alike.`,
      change: `failoverPriority: [${CLUSTER_LABEL}, topology.kubernetes.io/region, topology.kubernetes.io/zone]`,
    },
  ];
}
