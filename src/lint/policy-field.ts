import { type JsonObject, object, objects } from '../mesh/config-read.ts';
import type { Call } from './system.ts';

/**
 * Where a setting of a call's policy stands, or would have to: the subset's own policy before that of the rule, and in
 * each the settings of the port, which replace the policy as a whole (Istio: cluster_traffic_policy.go MergeTrafficPolicy).
 */
export function policyField(call: Call, setting: string): string {
  if (call.rule === undefined) return 'spec';
  const places = placesOf(call);
  const holding = places.find(({ block }) => block[setting] !== undefined) ?? places.at(-1);
  return `${holding?.at}.${setting}`;
}

/** Whether the rule that holds has calls go on to the address that they were made for, which no proxy has chosen. */
export function isPassedThrough(call: Call): boolean {
  const balancer = placesOf(call)
    .map(({ block }) => block.loadBalancer)
    .find((own) => own !== undefined);
  return object(balancer).simple === 'PASSTHROUGH';
}

/** Whether the rule that holds has settings for the port of a call alone. */
export function hasPolicyOfPort(call: Call): boolean {
  return placesOf(call).some(({ isOfPort }) => isOfPort);
}

type PolicyPlace = { readonly at: string; readonly block: JsonObject; readonly isOfPort: boolean };

function placesOf({ rule, subset, port }: Call): PolicyPlace[] {
  if (rule === undefined) return [];
  const index = rule.subsets.findIndex(({ name }) => name === subset);
  const policies = [
    ...(index < 0
      ? []
      : [{ at: `spec.subsets[${index}].trafficPolicy`, policy: object(rule.subsets[index]?.trafficPolicy) }]),
    { at: 'spec.trafficPolicy', policy: rule.trafficPolicy },
  ];
  return policies.map(({ at, policy }) => placeIn(at, policy, port));
}

function placeIn(at: string, policy: JsonObject, port: number): PolicyPlace {
  const ports = objects(policy.portLevelSettings);
  const index = ports.findIndex((entry) => object(entry.port).number === port);
  const own = ports[index];
  return own === undefined
    ? { at, block: policy, isOfPort: false }
    : { at: `${at}.portLevelSettings[${index}]`, block: own, isOfPort: true };
}
