import { callersAmong } from './callers.ts';
import { gatewayDestinations } from './destinations.ts';
import type { LintFinding, LintReport, LintRule, Severity } from './finding.ts';
import { objectText } from './finding.ts';
import { RULES } from './index.ts';
import { otherRoot } from './other-clusters.ts';
import { isPassedThrough } from './policy-field.ts';
import { isChosenByDns } from './service-object.ts';
import type { LintSystem } from './system.ts';

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Asks every rule. One that lacks what it needs says nothing, and that is told. */
export function lint(system: LintSystem, rules: readonly LintRule[] = RULES): LintReport {
  const able = rules.filter(({ needs = [] }) => !system.unread.some(({ what }) => needs.includes(what)));
  const findings = able.flatMap((rule) => found(rule, system)).sort(byRank);
  const unknown = (system.chain?.unknown ?? []).map(
    (name) => `no observed namespace has a Service ${name} (load.good.chain): who calls it is not known`,
  );
  const uncalled = [...(system.chain?.uncalled ?? [])].map(
    (service) => `load.good.chain begins with ${service}, and no gateway routes there: who calls it is not known`,
  );
  return { findings, untold: [...unknown, ...uncalled, ...beyond(system), ...untoldOf(system, rules)] };
}

/** What lies outside of the namespaces that were read. */
function beyond({ live, target }: LintSystem): string[] {
  const { namespaces } = target.observe;
  const isRead = (namespace: string): boolean => namespaces.includes(namespace);
  const roots = live.clusters.flatMap((cluster) => {
    const root = otherRoot(cluster);
    return root === undefined || isRead(root) ? [] : [`cluster ${cluster.name}: root namespace ${root} was not read`];
  });
  const gateways = live.pods.filter(({ gateway }) => gateway);
  const routed = live.clusters.flatMap((cluster) =>
    callersAmong(cluster, gateways)
      .flatMap(gatewayDestinations)
      .flatMap(({ host }) => {
        const [name, namespace = '', kind] = host.split('.');
        return kind !== 'svc' || isRead(namespace) ? [] : [`${namespace}/${name}`];
      }),
  );
  const hidden = [...new Set(routed)].sort();
  const text = `gateways route to ${hidden.join(', ')}: spec.observe.namespaces does not name the namespace`;
  return [...roots, ...(hidden.length === 0 ? [] : [text])];
}

/** What was not read, once, with the rules that need it. */
function untoldOf({ unread }: LintSystem, rules: readonly LintRule[]): string[] {
  return unread.flatMap(({ what, cluster, reason }) => {
    const mute = rules.filter(({ needs = [] }) => needs.includes(what)).map(({ id }) => id);
    return mute.length === 0 ? [] : [`cluster ${cluster}: ${reason} (${mute.join(', ')})`];
  });
}

function found(rule: LintRule, system: LintSystem): LintFinding[] {
  const calls = rule.ofChoice
    ? system.calls.filter((call) => !isChosenByDns(call) && !isPassedThrough(call))
    : system.calls;
  const all = rule
    .check({ ...system, calls })
    .map((one) => ({ severity: rule.severity, ...one, rule: rule.id, title: rule.title, why: rule.why }));
  const keyOf = ({ object, field, what }: LintFinding) => `${objectText(object)} ${field} ${what}`;
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}

function byRank(a: LintFinding, b: LintFinding): number {
  return RANK[a.severity] - RANK[b.severity];
}
