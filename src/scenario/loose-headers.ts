import { isSecretHeader } from '../model/redact.ts';
import type { TextSpan } from './source.ts';

/** Between a name and its value; the value is no mapping. */
const COLON = /:[ \t]+(?=[^\s{])/g;
const LONGEST_NAME = 256;

/**
 * The values of secret headers in text that need not be YAML, such as comments and files with mistakes: from the name to
 * the end of its line. Takes linear time whatever the text.
 */
export function looseSpans(text: string): TextSpan[] {
  const spans: TextSpan[] = [];
  let done = 0;
  for (const { index, 0: colon } of text.matchAll(COLON)) {
    const start = index + colon.length;
    if (start < done || !isSecretHeader(nameBefore(text, index))) continue;
    const lineEnd = text.slice(start).search(/[\n\r]|$/);
    done = start + lineEnd;
    spans.push({ start, end: done });
  }
  return spans;
}

/** A name in quotes or without; found from its end. */
function nameBefore(text: string, end: number): string {
  const before = text.slice(Math.max(0, end - LONGEST_NAME), end).replace(/["']$/, '');
  let start = before.length;
  while (start > 0 && /[-\w.]/.test(before.charAt(start - 1))) start -= 1;
  return before.slice(start);
}
