import type { Case } from '../facts/case.ts';
import type { Group } from '../facts/failure-groups.ts';
import { count } from '../facts/format.ts';

/** One failure in words: its kind, the error's own words where they were recorded. */
export function failureText(it: Case, group: Group): string {
  const words = it.collector.texts[group.text];
  return words === undefined ? group.cause : `${group.cause}: ${words}`;
}

/** The commonest failures of one path, or of all, in some part of the run: `status 503 (12 of 14, called by mocka 1a 10.0.0.1)`. */
export function commonest(it: Case, is: (group: Group) => boolean, path?: string): string | undefined {
  const groups = it.listeners.failures.list(is, path);
  const all = groups.reduce((sum, group) => sum + group.count, 0);
  if (all === 0) return undefined;
  const kinds = new Map<string, { n: number; group: Group }>();
  for (const group of groups) {
    const text = failureText(it, group);
    const known = kinds.get(text);
    kinds.set(text, { n: (known?.n ?? 0) + group.count, group: known?.group ?? group });
  }
  const [text, { n, group }] = [...kinds].reduce((most, next) => (next[1].n > most[1].n ? next : most));
  const share = n === all ? `${count(n, 'time')}` : `${n} of ${count(all, 'failure')}`;
  return `${text} (${share}, seen by ${group.caller.id})`;
}
