import type { KubeObject } from '../model/kubernetes.ts';
import { hasLabels, type Labels } from '../model/labels.ts';
import { resolveHost } from '../model/service-host.ts';
import { hostMatches, type JsonObject, namespaceOf, object, objects, strings, text } from './config-read.ts';
import { isExported, mostSpecific, oldestFirst, specificity } from './visibility.ts';

/** What the DestinationRules of a mesh come to for one client and one called host. */
export type EffectiveRule = {
  readonly trafficPolicy: JsonObject;
  readonly subsets: readonly JsonObject[];
  /** The objects that it is made of, the one whose policy holds first. */
  readonly from: readonly KubeObject[];
};

/** Who calls whom. */
export type RuleKey = {
  /** Full name of the called service's host. */
  readonly host: string;
  readonly clientNamespace: string;
  readonly clientLabels: Readonly<Record<string, string>>;
};

/**
 * The rule that holds (Istio: PushContext.destinationRule): of the client's namespace, else of the service's, else of the
 * root namespace, where the latter two must be exported to the client. A client in the root namespace does not take the
 * rules that are there for everybody for its own. In one namespace the most specific host wins. `exportTo` is what
 * MeshConfig says of rules that do not say it (defaultDestinationRuleExportTo).
 */
export function effectiveRule(
  rules: readonly KubeObject[],
  rootNamespace: string,
  key: RuleKey,
  exportTo: readonly string[] = [],
): EffectiveRule | undefined {
  const { host, clientNamespace, clientLabels } = key;
  const matching = rules.filter((rule) => hostMatches(hostOf(rule), host) && selectsClient(rule, clientLabels));
  const inNamespace = (namespace: string) => matching.filter((rule) => namespaceOf(rule) === namespace);
  const exported = (namespace: string) =>
    inNamespace(namespace).filter((rule) => isExported(rule, clientNamespace, exportTo));
  const own = inNamespace(clientNamespace).filter((rule) => clientNamespace !== rootNamespace || isPrivate(rule));
  for (const found of [own, exported(host.split('.')[1] ?? ''), exported(rootNamespace)]) {
    if (found.length > 0) return merged(mostSpecific(found, (rule) => specificity(hostOf(rule), host)));
  }
  return undefined;
}

function hostOf(rule: KubeObject): string {
  return resolveHost(text(object(rule.spec).host) ?? '', namespaceOf(rule));
}

/** Whether a rule is for callers with these labels; one without `workloadSelector` is for all. */
export function selectsClient(rule: KubeObject, labels: Labels): boolean {
  return hasLabels(labels, object(object(object(rule.spec).workloadSelector).matchLabels));
}

function isPrivate(rule: KubeObject): boolean {
  const to = strings(object(rule.spec).exportTo);
  return to.length === 1 && (to[0] === '.' || to[0] === namespaceOf(rule));
}

/** The oldest rule's policy stays; later ones for the same host only add subsets (Istio: mergeDestinationRule). */
function merged(rules: readonly KubeObject[]): EffectiveRule {
  const from = oldestFirst(rules);
  const specs = from.map((rule) => object(rule.spec));
  const trafficPolicy = object(specs.find((spec) => spec.trafficPolicy !== undefined)?.trafficPolicy);
  const subsets = new Map<string, JsonObject>();
  for (const subset of specs.flatMap((spec) => objects(spec.subsets))) {
    const name = text(subset.name) ?? '';
    if (!subsets.has(name)) subsets.set(name, subset);
  }
  return { trafficPolicy, subsets: [...subsets.values()], from };
}
