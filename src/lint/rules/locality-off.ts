import { object } from '../../mesh/config-read.ts';
import { MESH_CONFIG } from '../../mesh/istiod/configuration.ts';
import type { LintObject, LintRule } from '../finding.ts';
import { calledText, grouped, ruleOrService, whoText } from '../grouped.ts';
import { hasOrder } from '../ladder.ts';
import { policyField } from '../policy-field.ts';
import { serviceOf } from '../service-object.ts';
import { severityOf } from '../severity.ts';
import type { Call } from '../system.ts';

/** Istio: loadbalancer.go GetEffectiveLbSetting; measured on the lab: every zone gets its even share, home as well as away. */
export const localityOff: LintRule = {
  id: 'locality-off',
  severity: 'error',
  title: 'locality load balancing is off',
  why: 'With localityLbSetting.enabled false Istio sets no priorities: all endpoints of all zones and regions are called alike, so that there is no order to fail over in (Istio `loadbalancer.go` GetEffectiveLbSetting; the setting of a DestinationRule replaces that of MeshConfig as a whole).',
  change: 'Take localityLbSetting.enabled: false away, in MeshConfig or in the DestinationRule.',
  ofChoice: true,
  check: ({ calls }) => {
    const off = calls.filter(
      (call) =>
        call.settings.outlier !== undefined && !call.settings.localityLb.enabled && !staysNear(call) && hasOrder(call),
    );
    const byPlace = Map.groupBy(off, (call) => JSON.stringify(placeOf(call)));
    return [...byPlace.values()].flatMap((group) => {
      const services = [...new Set(grouped(group).map(([call]) => calledText(call)))].sort();
      const [call] = group;
      if (call === undefined) return [];
      return {
        ...placeOf(call),
        what: `Calls of ${whoText(group)} to ${services.join(', ')} go to all zones and regions alike: localityLbSetting.enabled is false.`,
        change: 'Remove localityLbSetting.enabled: false here.',
        severity: severityOf(group),
      };
    });
  },
};

/** Whether the Service itself has an order, by its trafficDistribution, which comes before MeshConfig. */
function staysNear(call: Call): boolean {
  return object(serviceOf(call)?.spec).trafficDistribution !== undefined;
}

/** Where the setting stands. */
function placeOf(call: Call): { object: LintObject; field: string } {
  const field = policyField(call, 'loadBalancer');
  const own = [
    call.rule?.trafficPolicy,
    ...(call.rule?.subsets ?? []).map(({ trafficPolicy }) => object(trafficPolicy)),
  ];
  const isOwn = own.some((policy) => JSON.stringify(policy ?? {}).includes('localityLbSetting'));
  if (isOwn) return { object: ruleOrService(call), field: `${field}.localityLbSetting.enabled` };
  const { kind, namespace, name } = MESH_CONFIG;
  const cluster = call.caller.live.configuredBy;
  return { object: { cluster, kind, namespace, name }, field: 'data.mesh: localityLbSetting.enabled' };
}
