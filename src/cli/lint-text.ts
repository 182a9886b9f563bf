import type { LintFinding, LintReport, Severity } from '../lint/finding.ts';
import { objectText } from '../lint/finding.ts';

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

/** `2 errors, 1 warning, 3 notes`. */
export function countText(findings: readonly LintFinding[]): string {
  if (findings.length === 0) return 'Nothing found';
  const count = (severity: Severity, word: string): string => {
    const number = findings.filter((one) => one.severity === severity).length;
    return `${number} ${word}${number === 1 ? '' : 's'}`;
  };
  return `${count('error', 'error')}, ${count('warning', 'warning')}, ${count('info', 'note')}`;
}

/** One line for each place with an error: `no-outlier-detection at tokyo DestinationRule default/mockb`. */
export function errorLines(findings: readonly LintFinding[]): string[] {
  const errors = findings.filter(({ severity }) => severity === 'error');
  return [...new Set(errors.map(({ rule, object }) => `${rule} at ${objectText(object)}`))];
}

/** What a plan says of the mesh: how much was found, and the errors; or why nothing can be told. */
export function describePlannedLint(report: LintReport | string, command: string): string[] {
  if (typeof report === 'string') return [`Lint: nothing can be told: ${report}`];
  const { findings } = report;
  return [`Lint: ${countText(findings)} (${command})`, ...errorLines(findings).map((line) => `  error ${line}`)];
}
