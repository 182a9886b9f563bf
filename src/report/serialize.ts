import type { RunResult } from '../model/result.ts';
import { jsonText } from '../model/visible.ts';

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

function listed(items: readonly unknown[]): string {
  return items.length === 0 ? '[]' : `[\n${items.map((item) => `    ${jsonText(item)}`).join(',\n')}\n  ]`;
}

/**
 * The text of result.json: keys sorted, one line for each top-level field and for each item of a top-level list, so
 * that the same result gives the same bytes and two runs can be compared line by line.
 */
export function serializeResult(result: RunResult): string {
  const fields = Object.entries(sorted(result) as Readonly<Record<string, unknown>>)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `  ${jsonText(key)}: ${Array.isArray(value) ? listed(value) : jsonText(value)}`);
  return `{\n${fields.join(',\n')}\n}\n`;
}
