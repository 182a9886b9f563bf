import type { LintFinding, LintReport, LintRule, Severity } from './finding.ts';
import { objectText } from './finding.ts';
import { RULES } from './index.ts';
import type { LintSystem } from './system.ts';

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Asks every rule. One that lacks what it needs says nothing, and that is told. */
export function lint(system: LintSystem, rules: readonly LintRule[] = RULES): LintReport {
  const findings = rules.filter((rule) => missingFor(rule, system).length === 0).flatMap((rule) => found(rule, system));
  const untold = rules.flatMap((rule) =>
    missingFor(rule, system).map(({ cluster, reason }) => `${rule.id}: cluster ${cluster}: ${reason}`),
  );
  const unknown = (system.chain?.unknown ?? []).map(
    (name) => `no observed namespace has a Service ${name} (load.good.chain): who calls it is not known`,
  );
  return { findings: findings.sort(byRank), untold: [...unknown, ...new Set(untold)] };
}

function missingFor({ needs = [] }: LintRule, { unread }: LintSystem) {
  return unread.filter(({ what }) => needs.includes(what));
}

function found(rule: LintRule, system: LintSystem): LintFinding[] {
  const all = rule
    .check(system)
    .map((one) => ({ severity: rule.severity, ...one, rule: rule.id, title: rule.title, why: rule.why }));
  const keyOf = ({ object, field, what }: LintFinding) => `${objectText(object)} ${field} ${what}`;
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}

function byRank(a: LintFinding, b: LintFinding): number {
  return RANK[a.severity] - RANK[b.severity];
}
