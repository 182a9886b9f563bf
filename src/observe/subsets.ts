import { hostMatches, namespaceOf, object, objects, text } from '../mesh/config-read.ts';
import { type KubeObject, MESH_KINDS } from '../model/kubernetes.ts';
import { resolveHost } from '../model/service-host.ts';
import type { ObservedScope } from '../model/target.ts';
import { CONTROL_PLANE } from '../workload/control-plane.ts';

/** Namespaces whose DestinationRules may hold for callers of observed Services; mesh-wide ones are where Istio is installed. */
export function ruledFrom({ namespaces }: ObservedScope): string[] {
  return [...new Set([...namespaces, CONTROL_PLANE.namespace])];
}

/** A Service as a rule's host names it. */
type Called = { readonly service: string; readonly namespace: string };

/**
 * The subsets that the DestinationRules of all clusters make that configure proxies. Which rule holds depends on who calls, so a subset is known only
 * where all rules for the Service that have one of that name agree on the pod.
 */
export class SubsetBook {
  readonly #rules: Map<string, readonly KubeObject[] | undefined>;
  readonly #listeners: (() => void)[] = [];
  /** Counts the changes of the rules. */
  version = 0;

  constructor(clusters: readonly string[]) {
    this.#rules = new Map(clusters.map((name) => [name, undefined]));
  }

  /** Whether the rules of a cluster count: those of no other configure proxies. */
  hears(cluster: string): boolean {
    return this.#rules.has(cluster);
  }

  /** The rules of one cluster as they are now, or undefined while nobody could read them. */
  tell(cluster: string, rules: readonly KubeObject[] | undefined): void {
    const before = this.#rules.get(cluster);
    if (rules?.length === before?.length && (rules ?? []).every((rule, at) => rule === before?.[at])) return;
    this.#rules.set(cluster, rules);
    this.version++;
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The subsets of a Service that a pod with these labels is of; undefined where that is not known. */
  of(called: Called, labels: Readonly<Record<string, string>>): readonly string[] | undefined {
    const rules = [...this.#rules.values()];
    if (rules.includes(undefined)) return undefined;
    const has = ([label, value]: [string, unknown]): boolean => labels[label] === value;
    const isOf = new Map<string, Set<boolean>>();
    for (const { name, labels: wanted } of rules.flatMap((own) => subsetsIn(own ?? [], called))) {
      const key = text(name) ?? '';
      isOf.set(key, (isOf.get(key) ?? new Set()).add(Object.entries(object(wanted)).every(has)));
    }
    if ([...isOf.values()].some(({ size }) => size > 1)) return undefined;
    return [...isOf].flatMap(([name, is]) => (is.has(true) ? [name] : [])).sort();
  }
}

function subsetsIn(rules: readonly KubeObject[], { service, namespace }: Called) {
  const host = resolveHost(service, namespace);
  const own = rules.filter((rule) =>
    hostMatches(resolveHost(text(object(rule.spec).host) ?? '', namespaceOf(rule)), host),
  );
  return own.flatMap((rule) => objects(object(rule.spec).subsets));
}

/** DestinationRules, as they are listed. */
export const RULES = MESH_KINDS.destinationRules;
