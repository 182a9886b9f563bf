import { callersText } from './callers.ts';
import type { LintObject } from './finding.ts';
import { objectIn } from './finding.ts';
import type { Call } from './system.ts';

/** Calls that one sentence can be said of: of one cluster, to one Service or subset, under the same rule. */
export function grouped(calls: readonly Call[]): (readonly [Call, ...Call[]])[] {
  const groups = Map.groupBy(calls, ({ caller, service, port, subset, rule }) =>
    JSON.stringify([
      caller.live.name,
      service,
      port,
      subset ?? null,
      rule?.from.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    ]),
  );
  return [...groups.values()].flatMap(([first, ...rest]) => (first === undefined ? [] : [[first, ...rest] as const]));
}

/** Everybody who makes some calls, in words. */
export function whoText(calls: readonly Call[]): string {
  const texts = [...new Set(calls.map(({ caller }) => callersText(caller)))].sort();
  return texts.length > 3 ? `${texts.slice(0, 3).join(', ')} and ${texts.length - 3} more` : texts.join(', ');
}

/** The called Service, and the subset. */
export function calledText({ service, subset }: Pick<Call, 'service' | 'subset'>): string {
  return subset === undefined ? service : `subset ${subset} of ${service}`;
}

/** The DestinationRule whose policy holds; the Service where there is none. */
export function ruleOrService({ rule, caller, service }: Call): LintObject {
  const [namespace = '', name = ''] = service.split('/');
  const [first] = rule?.from ?? [];
  const { name: cluster, configuredBy } = caller.live;
  return first === undefined ? { cluster, kind: 'Service', namespace, name } : objectIn(configuredBy, first);
}
