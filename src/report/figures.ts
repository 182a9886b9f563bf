import { boundText, countText, marginText, measuredText } from './format.ts';
import type { WordedFinding } from './worded.ts';

/** What a finding has in numbers. Absent is what was not measured: a zero that nobody counted is no figure. */
export type Figures = {
  readonly measured?: string;
  readonly limit?: string;
  readonly margin?: string;
  /** What it rests on: `31 requests`. */
  readonly restsOn?: string;
};

function isMeasured({ measured, samples, objective, words }: WordedFinding): boolean {
  if (measured === undefined) return false;
  if (words.asksForNone && measured.hi === 0) return false;
  return samples > 0 || objective === 'putBack';
}

const PLURALS: Readonly<Record<string, string>> = { proxy: 'proxies' };

/** The figures of a finding. */
export function figuresOf(finding: WordedFinding): Figures {
  const counted = finding.counted ?? finding.words.counts ?? 'sample';
  const ground = finding.samples > 0 ? { restsOn: countText(finding.samples, counted, PLURALS[counted]) } : {};
  if (!isMeasured(finding)) return ground;
  const { target } = finding;
  const margin = marginText(finding);
  return {
    measured: measuredText(finding.measured, target),
    ...(target !== undefined && { limit: boundText(target) }),
    ...(margin !== undefined && { margin }),
    ...ground,
  };
}

/** `measured 0.31 to 0.33 s, limit ≤ 5 s, margin 4.67 s to spare, 1,016 requests`; empty when there are no figures. */
export function figuresText(finding: WordedFinding): string {
  const { measured, limit, margin, restsOn } = figuresOf(finding);
  const parts = [
    ['measured', measured],
    ['limit', limit],
    ['margin', margin],
  ] as const;
  const named = parts.flatMap(([name, text]) => (text === undefined ? [] : [`${name} ${text}`]));
  return [...named, ...(restsOn === undefined ? [] : [restsOn])].join(', ');
}
