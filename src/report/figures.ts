import { boundText, formatNumber, marginText, measuredText } from './format.ts';
import type { WordedFinding } from './worded.ts';

/** What a finding has in numbers. Absent is what was not measured: a zero that nobody counted is no figure. */
export type Figures = {
  readonly measured?: string;
  readonly target?: string;
  readonly margin?: string;
  readonly n?: string;
};

function isMeasured({ measured, samples, objective, words }: WordedFinding): boolean {
  if (measured === undefined) return false;
  if (words.asksForNone && measured.hi === 0) return false;
  return samples > 0 || objective === 'putBack';
}

/** The figures of a finding. */
export function figuresOf(finding: WordedFinding): Figures {
  const n = finding.samples > 0 ? { n: formatNumber(finding.samples, 0) } : {};
  if (!isMeasured(finding)) return n;
  const { target } = finding;
  const margin = marginText(finding);
  return {
    measured: measuredText(finding.measured, target),
    ...(target !== undefined && { target: boundText(target) }),
    ...(margin !== undefined && { margin }),
    ...n,
  };
}

/** `measured 0.31 to 0.33 s, target ≤ 5 s, margin 4.67 s to spare, n 1,016`; empty when there are no figures. */
export function figuresText(finding: WordedFinding): string {
  const { measured, target, margin, n } = figuresOf(finding);
  const parts = [
    ['measured', measured],
    ['target', target],
    ['margin', margin],
    ['n', n],
  ] as const;
  return parts.flatMap(([name, text]) => (text === undefined ? [] : [`${name} ${text}`])).join(', ');
}
