import { hostMatches, namespaceOf, object, strings, text } from '../mesh/config-read.ts';
import { selectorOf, selectsClient } from '../mesh/destination-rules.ts';
import { ROOT_NAMESPACE } from '../mesh/istiod/configuration.ts';
import { isExported } from '../mesh/visibility.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import { resolveHost } from '../model/service-host.ts';
import { configuresOutlier } from './other-clusters.ts';
import type { Call } from './system.ts';

/** DestinationRules with outlier detection for the called host that do not hold for the caller, and why, in words. */
export function passedOver(call: Call): string[] {
  const { caller, host, rule } = call;
  const others = caller.live.destinationRules.filter(
    (item) => isForHost(item, host) && configuresOutlier(item) && !rule?.from.includes(item),
  );
  return others.map((item) => `DestinationRule ${nameOf(item)} ${whyNot(item, call)}`);
}

function whyNot(item: KubeObject, { caller, host, rule }: Call): string {
  const place = namespaceOf(item);
  const { namespace, labels, live } = caller;
  if (![namespace, host.split('.')[1], ROOT_NAMESPACE].includes(place)) {
    return `stands in a namespace that is neither the callers', the Service's nor ${ROOT_NAMESPACE}`;
  }
  if (place !== namespace && !isExported(item, namespace, strings(live.mesh.defaultDestinationRuleExportTo))) {
    return `is not exported to ${namespace}`;
  }
  if (!selectsClient(item, namespace, labels)) return 'selects other workloads';
  const [first] = rule?.from ?? [];
  if (first === undefined) {
    const selecting = live.destinationRules.filter(
      (one) => namespaceOf(one) === namespace && selectorOf(one) !== undefined && isForHost(one, host),
    );
    return `is hidden from them by ${selecting.map(nameOf).join(', ')}, which selects other workloads`;
  }
  if (rule?.hides.includes(item)) return `has another exportTo than ${nameOf(first)}, which is younger and holds alone`;
  if (selectorOf(first) !== undefined) return `is not for them, since ${nameOf(first)} selects them and holds alone`;
  return `comes after ${nameOf(first)}, which is nearer, more specific or older`;
}

function isForHost(rule: KubeObject, host: string): boolean {
  return hostMatches(resolveHost(text(object(rule.spec).host) ?? '', namespaceOf(rule)), host);
}

function nameOf(rule: KubeObject): string {
  return `${namespaceOf(rule)}/${rule.metadata.name}`;
}
