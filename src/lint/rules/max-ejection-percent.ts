import type { Found, LintRule, Severity } from '../finding.ts';
import { calledText, grouped, ruleOrService, whoText } from '../grouped.ts';
import { hostsOf } from '../ladder.ts';
import { patchesOutlier } from '../other-clusters.ts';
import { policyField } from '../policy-field.ts';
import { severityOf } from '../severity.ts';
import type { Call } from '../system.ts';

/** Envoy up to 1.28 (Istio 1.20) let the first ejection pass whatever the percentage. */
const FIRST_STRICT = 21;

/** Envoy: outlier_detection_impl.cc ejectHost; measured on the lab: 10 % of four hosts ejected none, 40 of 40 calls failed. */
export const maxEjectionPercent: LintRule = {
  id: 'max-ejection-percent',
  severity: 'error',
  title: 'maxEjectionPercent is less than one host, or than the hosts of one zone',
  why: 'Envoy ejects a host only while the ejected share of all hosts, this one included, stays within max_ejection_percent, 10 % where it is not set (Envoy `outlier_detection_impl.cc`; `always_eject_one_host` is off and Istio cannot set it). What is not ejected keeps its share of the calls.',
  change: 'Set maxEjectionPercent: 100: a zone must be able to lose all its hosts.',
  ofChoice: true,
  check: ({ calls }) => grouped(calls.filter(isStrict)).flatMap(foundIn),
};

function isStrict({ caller: { live } }: Call): boolean {
  return !live.istioKnown || Number(live.istio.split('.')[1]) >= FIRST_STRICT;
}

function foundIn(calls: readonly [Call, ...Call[]]): Found[] {
  const [call] = calls;
  const { outlier } = call.settings;
  if (outlier === undefined || call.endpoints.length === 0) return [];
  const percent = Math.min(100, outlier.maxEjectionPercent);
  const { hosts, largest } = counted(call);
  const most = Math.floor((percent * hosts) / 100);
  if (most >= largest) return [];
  const severity: Severity = severityOf(calls);
  const share = `maxEjectionPercent ${percent} of ${hosts} host${hosts === 1 ? '' : 's'}`;
  const consequence =
    most < 1
      ? 'is less than one host: nobody is ever ejected'
      : `is ${most}, and one zone has ${largest}: when that zone fails, the rest of it goes on being called`;
  return [
    {
      object: ruleOrService(call),
      field: policyField(call, 'outlierDetection').concat('.maxEjectionPercent'),
      what: `${share} ${consequence} (calls of ${whoText(calls)} to ${calledText(call)}).`,
      change: 'Set maxEjectionPercent: 100.',
      severity: severity === 'info' || (most < 1 && !patchesOutlier(call.caller.live)) ? severity : 'warning',
    },
  ];
}

/**
 * How many hosts proxies have, and most in one zone: an east-west gateway is one, whatever stands behind it. Those that are not
 * ready count among all, whether istiod tells of them or not, so that nobody is blamed for a pod that is just starting.
 */
function counted(call: Call): { hosts: number; largest: number } {
  const [from] = call.caller.pods;
  const settings = { ...call.settings, sendsUnready: true };
  const hosts = from === undefined ? [] : hostsOf({ ...call, settings }, from).map(({ endpoint }) => endpoint);
  const zones = Map.groupBy(
    hosts.filter(({ ready }) => ready),
    ({ locality }) => `${locality.region}/${locality.zone}`,
  );
  return { hosts: hosts.length, largest: Math.max(1, ...[...zones.values()].map(({ length }) => length)) };
}
