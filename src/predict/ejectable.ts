import { readOutlierDetection } from '../mesh/cluster-config.ts';
import { hostMatches, type JsonObject, namespaceOf, number, object, objects, text } from '../mesh/config-read.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import { hostOfService, resolveHost } from '../model/service-host.ts';
import type { Ratio } from '../model/units.ts';

/** What outlier detection may take from a Service at once, and after how many failing answers in a row. */
type Ejectable = { readonly inARow: number; readonly share: Ratio };

/**
 * What callers may do to a Service (`namespace/name`) by the outlier detection of these DestinationRules, whichever of them
 * holds for whom: of a rule for its host every policy, those of ports and subsets, too. Below `minHealthPercent` ejections
 * are ignored (Istio: Envoy's panic threshold).
 */
export function ejectableBy(rules: readonly KubeObject[], service: string): Ejectable[] {
  const host = hostOfService(service);
  return rules
    .filter((rule) => hostMatches(resolveHost(text(object(rule.spec).host) ?? '', namespaceOf(rule)), host))
    .flatMap(({ spec }) => [object(spec), ...objects(object(spec).subsets)])
    .flatMap((part) => policiesOf(object(part.trafficPolicy)))
    .map(ejectableOf);
}

/** The outlier detection of a policy and of its ports, where there is one. */
function policiesOf(policy: JsonObject): JsonObject[] {
  return [policy, ...objects(policy.portLevelSettings)].flatMap(({ outlierDetection }) =>
    outlierDetection === undefined || outlierDetection === null ? [] : [object(outlierDetection)],
  );
}

function ejectableOf(block: JsonObject): Ejectable {
  const { rules, maxEjectionPercent } = readOutlierDetection(block);
  const acting = Object.values(rules).filter(({ enforcing }) => enforcing > 0);
  const healthy = number(block.minHealthPercent) ?? 0;
  return {
    inARow: Math.min(...acting.map(({ threshold }) => threshold)),
    share: Math.min(maxEjectionPercent, 100 - healthy) / 100,
  };
}
