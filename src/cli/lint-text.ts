import type { LintFinding, LintReport, Severity } from '../lint/finding.ts';
import { objectText } from '../lint/finding.ts';

/** A report as people read it. */
export function describeLint({ findings, untold }: LintReport): string {
  return [
    ...findings.flatMap(describeFinding),
    countText(findings),
    ...(untold.length === 0 ? [] : ['Could not be told:', ...untold.map((line) => `  ${line}`)]),
  ].join('\n');
}

function describeFinding({ severity, rule, object, field, what, why, change }: LintFinding): string[] {
  return [
    `${severity.padEnd(7)} ${rule}  ${objectText(object)}  ${field}`,
    `        ${what}`,
    `        why: ${why}`,
    `        change: ${change}`,
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
