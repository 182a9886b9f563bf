import type { FailureGroup, RequestExample, RunResult } from '../model/result.ts';
import { oneLine } from './escape.ts';
import { faceOf } from './face.ts';
import { countText, formatNumber } from './format.ts';
import { mechanismName } from './mechanisms.ts';

type Failure = {
  readonly what: string;
  readonly count: number;
  readonly paths: readonly string[];
  /** Names of mechanisms. */
  readonly how: readonly string[];
};

/** What went wrong, with the error's own words where they are known. */
export function whatFailed({ cause, text }: Pick<FailureGroup, 'cause' | 'text'>): string {
  return text === undefined || cause.includes(text) ? cause : `${cause}: ${text}`;
}

/** What came back, and how long it took: `status 503, 3.2 ms`. */
export function answerText({ error, status, latencyMs }: RequestExample): string {
  const answer = error === undefined ? `status ${formatNumber(status, 0)}` : `${oneLine(error, 60)}, no answer`;
  return `${answer}, ${formatNumber(latencyMs, 1)} ms`;
}

/** The hops of an answer; empty where it had none. */
export function chainText({ chain }: RequestExample): string {
  const hops = chain?.hops ?? [];
  return hops
    .map(({ service, pod, ip, zone }) => `${oneLine(service || (pod ?? ip), 40)} ${oneLine(zone, 40)}`)
    .join(' → ');
}

/** The same failure on many paths and at many callers is one; most frequent first, and its worst path first. */
function failuresOf(groups: readonly FailureGroup[]): readonly Failure[] {
  const found = new Map<string, { readonly paths: Map<string, number>; readonly how: Set<string> }>();
  for (const group of groups) {
    const what = whatFailed(group);
    const { paths, how } = found.get(what) ?? { paths: new Map<string, number>(), how: new Set<string>() };
    paths.set(group.path, (paths.get(group.path) ?? 0) + group.count);
    for (const mechanism of group.mechanisms ?? []) how.add(mechanismName(mechanism));
    found.set(what, { paths, how });
  }
  return [...found]
    .map(([what, { paths, how }]) => ({
      what,
      how: [...how],
      count: [...paths.values()].reduce((sum, count) => sum + count, 0),
      paths: [...paths].toSorted(([, a], [, b]) => b - a).map(([path]) => path),
    }))
    .toSorted((a, b) => b.count - a.count);
}

function failureText({ what, count, paths: [first = 'no path', ...others], how }: Failure): string {
  const more = others.length === 0 ? '' : ` and ${countText(others.length, 'other path')}`;
  return `${oneLine(what, 240)}, ${countText(count, 'time')} on ${oneLine(first, 90)}${more}${how.length === 0 ? '' : `: ${how.join(', ')}`}`;
}

const MOST = 3;

/**
 * What failed, for the places where a verdict is told: `tls: self-signed certificate, 400 times on entry@a/b and 3 other
 * paths`, with the names of mechanisms where they are told. Nothing for a run that passed, or without bad requests.
 */
export function failureTexts(result: RunResult): readonly string[] {
  if (faceOf(result) === 'pass') return [];
  const failures = failuresOf(result.budget.groups);
  const more = failures.length - MOST;
  return [
    ...failures.slice(0, MOST).map(failureText),
    ...(more > 0 ? [`and ${countText(more, 'other failure')}, see the error budget`] : []),
  ];
}
