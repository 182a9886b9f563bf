import type { KubeObject } from '../model/kubernetes.ts';
import { hasLabels, type Labels } from '../model/labels.ts';
import { resolveHost } from '../model/service-host.ts';
import { hostMatches, type JsonObject, namespaceOf, object, objects, strings, text } from './config-read.ts';
import { mostSpecific, oldestFirst, reaches, specificity } from './visibility.ts';

/** What the DestinationRules of a mesh come to for one client and one called host. */
export type EffectiveRule = {
  readonly trafficPolicy: JsonObject;
  readonly subsets: readonly JsonObject[];
  /** The objects that it is made of, the one whose policy holds first. */
  readonly from: readonly KubeObject[];
  /** Objects for the same host that are exported to the client as well, otherwise than this one, and do not hold for that. */
  readonly hides: readonly KubeObject[];
};

/** Who calls whom. */
export type RuleKey = {
  /** Full name of the called service's host. */
  readonly host: string;
  readonly clientNamespace: string;
  readonly clientLabels: Readonly<Record<string, string>>;
};

/**
 * The rule that holds (Istio: PushContext.destinationRule, SidecarScope.DestinationRule): of the client's namespace, else of
 * the service's, else of the root namespace, where the latter two must be exported to the client. A client in the root
 * namespace does not take the rules that are there for everybody for its own. In one namespace only the rules for the most
 * specific host count; of them one with a `workloadSelector` that selects the client holds alone, whatever is older, and where
 * those of the client's namespace are all for others, none does. `exportTo` is what MeshConfig says of rules that do not say
 * it (defaultDestinationRuleExportTo).
 */
export function effectiveRule(
  rules: readonly KubeObject[],
  rootNamespace: string,
  key: RuleKey,
  exportTo: readonly string[] = [],
): EffectiveRule | undefined {
  const { host, clientNamespace, clientLabels } = key;
  const matching = rules.filter((rule) => hostMatches(hostOf(rule), host));
  const inNamespace = (namespace: string, counts: (rule: KubeObject) => boolean) => {
    const found = matching.filter((rule) => namespaceOf(rule) === namespace && counts(rule));
    return consolidated(mostSpecific(found, (rule) => specificity(hostOf(rule), host)));
  };
  const exported = (namespace: string) =>
    inNamespace(namespace, (rule) => !isPrivate(rule, exportTo)).filter((one) =>
      reaches(one.exportTo, namespace, clientNamespace),
    );
  const own = inNamespace(clientNamespace, (rule) =>
    clientNamespace === rootNamespace
      ? isPrivate(rule, exportTo)
      : reaches(exportToOf(rule), clientNamespace, clientNamespace),
  );
  const found = [own, exported(host.split('.')[1] ?? ''), exported(rootNamespace)].find(({ length }) => length > 0);
  return found === undefined ? undefined : chosen(found, clientLabels);
}

function hostOf(rule: KubeObject): string {
  return resolveHost(text(object(rule.spec).host) ?? '', namespaceOf(rule));
}

/** Whether a rule is for callers with these labels of a namespace; one without `workloadSelector` is for all. */
export function selectsClient(rule: KubeObject, namespace: string, labels: Labels): boolean {
  const selector = selectorOf(rule);
  return selector === undefined || (namespaceOf(rule) === namespace && hasLabels(labels, selector));
}

/** The labels that a rule selects callers of its namespace by; one that selects is exported to no other (Istio: setDestinationRules). */
export function selectorOf({ spec }: KubeObject): JsonObject | undefined {
  const { workloadSelector } = object(spec);
  return workloadSelector === undefined ? undefined : object(object(workloadSelector).matchLabels);
}

/** To whom a rule is exported by what it says itself; empty where it says nothing. */
function exportToOf(rule: KubeObject): string[] {
  return selectorOf(rule) === undefined ? strings(object(rule.spec).exportTo) : ['.'];
}

function isPrivate(rule: KubeObject, exportTo: readonly string[]): boolean {
  const to = exportToOf(rule);
  if (to.length === 0) return exportTo.includes('.');
  return new Set(to).size === 1 && (to[0] === '.' || to[0] === namespaceOf(rule));
}

/** Rules for one host of one namespace that are taken as one. */
type Consolidated = {
  readonly exportTo: readonly string[];
  readonly selector: JsonObject | undefined;
  readonly from: KubeObject[];
};

/**
 * Rules with a `workloadSelector` first, then from the oldest on (Istio: sortConfigBySelectorAndCreationTime). One joins those
 * with the same `exportTo` and the same selector, or that have none like it (Istio: mergeDestinationRule): a rule for all with
 * `exportTo: ["."]` joins one that selects, and is no rule for all any more.
 */
function consolidated(rules: readonly KubeObject[]): Consolidated[] {
  const byAge = oldestFirst(rules);
  const all: Consolidated[] = [];
  for (const rule of [...byAge.filter(selectorOf), ...byAge.filter((one) => selectorOf(one) === undefined)]) {
    const [exportTo, selector] = [exportToOf(rule), selectorOf(rule)];
    let isApart = true;
    for (const one of all) {
      const isWider = one.exportTo.length > 0 && includes(exportTo, one.exportTo);
      const isEqual = includes(exportTo, one.exportTo) && includes(one.exportTo, exportTo);
      const isOther = selector !== undefined && one.selector !== undefined && !isSame(selector, one.selector);
      const joins = (isEqual || isWider) && !isOther;
      isApart = !joins || (!isEqual && (selector === undefined) !== (one.selector === undefined));
      if (joins) one.from.push(rule);
    }
    if (isApart) all.push({ exportTo, selector, from: [rule] });
  }
  return all;
}

function includes(all: readonly string[], some: readonly string[]): boolean {
  return some.every((item) => all.includes(item));
}

function isSame(a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** The first that selects the client, else the last that is for all. */
function chosen(all: readonly Consolidated[], labels: Labels): EffectiveRule | undefined {
  const selecting = all.find(({ selector }) => selector !== undefined && hasLabels(labels, selector));
  const forAll = all.filter(({ selector }) => selector === undefined);
  const one = selecting ?? forAll.at(-1);
  if (one === undefined) return undefined;
  const others = selecting === undefined ? forAll.flatMap(({ from }) => from) : [];
  return { ...merged(one.from), hides: others.filter((rule) => !one.from.includes(rule)) };
}

/** The first rule's policy stays; later ones for the same host only add subsets (Istio: mergeDestinationRule). */
function merged(from: readonly KubeObject[]): Omit<EffectiveRule, 'hides'> {
  const specs = from.map((rule) => object(rule.spec));
  const trafficPolicy = object(specs.find((spec) => spec.trafficPolicy !== undefined)?.trafficPolicy);
  const subsets = new Map<string, JsonObject>();
  for (const subset of specs.flatMap((spec) => objects(spec.subsets))) {
    const name = text(subset.name) ?? '';
    if (!subsets.has(name)) subsets.set(name, subset);
  }
  return { trafficPolicy, subsets: [...subsets.values()], from };
}
