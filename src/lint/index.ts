import type { LintRule } from './finding.ts';
import { noOutlierDetection } from './rules/no-outlier-detection.ts';

/** Every rule. A new one is a file and a line here, and a line in docs/lint.md. */
export const RULES: readonly LintRule[] = [noOutlierDetection];
