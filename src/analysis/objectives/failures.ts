import type { Case } from '../facts/case.ts';
import type { Group } from '../facts/failure-groups.ts';
import { count } from '../facts/format.ts';

/** One failure in words: its kind, the error's own words where they were recorded. */
function failureText(run: Case, group: Group): string {
  const words = run.collector.texts[group.text];
  return words === undefined ? group.cause : `${group.cause}: ${words}`;
}

type Kind = { n: number; readonly callers: Map<string, number> };

/** The commonest failures of one path, or of all, in some part of the run: `status 503 (12 of 14 failures, seen by mocka 1a 10.0.0.1)`. */
export function commonest(run: Case, is: (group: Group) => boolean, path?: string): string | undefined {
  const groups = run.listeners.failures.list(is, path);
  const all = groups.reduce((sum, group) => sum + group.count, 0);
  const kinds = new Map<string, Kind>();
  for (const group of groups) {
    const text = failureText(run, group);
    const kind = kinds.get(text) ?? { n: 0, callers: new Map() };
    kinds.set(text, kind);
    kind.n += group.count;
    kind.callers.set(group.caller.id, (kind.callers.get(group.caller.id) ?? 0) + group.count);
  }
  const [most] = [...kinds].sort(([, a], [, b]) => b.n - a.n);
  if (most === undefined) return undefined;
  const [text, { n, callers }] = most;
  const share = n === all ? `${count(n, 'time')}` : `${n} of ${count(all, 'failure')}`;
  return `${text} (${share}, seen by ${seenBy(callers)})`;
}

function seenBy(callers: ReadonlyMap<string, number>): string {
  const [most] = [...callers].sort(([, a], [, b]) => b - a);
  const [id, n] = most as [string, number];
  return callers.size === 1 ? id : `${callers.size} callers, ${n} of them by ${id}`;
}
