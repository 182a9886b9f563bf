import { type LintFinding, type LintReport, objectText } from '../lint/finding.ts';
import { countText, errorLines } from '../lint/words.ts';

/** A report as people read it: rule by rule, the worst first. */
export function describeLint({ findings, untold }: LintReport): string {
  const byRule = Map.groupBy(findings, ({ severity, rule }) => `${severity} ${rule}`);
  return [
    ...[...byRule.values()].flatMap(describeRule),
    countText(findings),
    ...(untold.length === 0 ? [] : ['Could not be told:', ...untold.map((line) => `  ${line}`)]),
  ].join('\n');
}

function describeRule(findings: readonly LintFinding[]): string[] {
  const [first] = findings;
  if (first === undefined) return [];
  return [
    `${first.severity} ${first.rule}: ${first.title}`,
    ...findings.flatMap(({ object, field, what, change }) => [
      `  ${objectText(object)}: ${field}`,
      `    ${what}`,
      `    change: ${change}`,
    ]),
    `  why: ${first.why}`,
    '',
  ];
}

/** What a plan says of the mesh: how much was found, and the errors; or why nothing can be told. */
export function describePlannedLint(report: LintReport | string, command: string): string[] {
  if (typeof report === 'string') return [`Lint: nothing can be told: ${report}`];
  const { findings } = report;
  return [`Lint: ${countText(findings)} (${command})`, ...errorLines(findings).map((line) => `  error ${line}`)];
}
