import { type LintFinding, objectText, type Severity } from './finding.ts';

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
