import { maskTold } from '../model/credentials.ts';
import { isSecretName, isVariable, SOURCES } from './secret-names.ts';
import type { TextSpan } from './source.ts';

/** A key at the beginning of a line, behind dashes. */
const KEY = /^([ \t]*(?:-[ \t]+)*)(["']?)([\w.-]{1,256})\2[ \t]*:(?=[ \t]|$)/;
/** Between a name and its value, with or without the space that YAML asks for. */
const BETWEEN = /["']?[ \t]*[:=]+[ \t]*/g;
/** A port, a version and what follows the scheme of a URL stand right behind a colon, too. */
const NO_VALUE = /^(?:\/\/|\d{1,5}(?!\w)|v?\d+\.\d)/;
/** A mapping that says where a secret comes from, or the beginning of one. */
const FROM =
  /^\{\s*(?:(?:env\s*:\s*[A-Za-z_]+|(?:file|command|refresh|prefix)\s*:\s*(?:"[^"]*"|'[^']*'|\[[^\]]*\]|[\w./-]+))\s*(?:,\s*)?)*(?:\}|$)/;
const LONGEST_NAME = 256;

/** What is being read: behind a secret name that stands at this column, as long as lines belong to it; and in webhooks, whose URLs are secrets. */
type Reading = { column: number | undefined; webhooks: number | undefined };

/**
 * The values of secret names in text that need not be YAML, such as files with mistakes: from the name to the end of its line, and the
 * lines behind it that may belong to it. What says where a secret comes from is none.
 */
export function secretLines(text: string): TextSpan[] {
  const spans: TextSpan[] = [];
  const reading: Reading = { column: undefined, webhooks: undefined };
  let start = 0;
  for (const line of text.split('\n')) {
    const content = line.replace(/\s+$/, '');
    const from = valueIn(content, reading);
    if (from !== undefined && from < content.length) spans.push({ start: start + from, end: start + content.length });
    start += line.length + 1;
  }
  return spans;
}

/** Where the secret part of a line begins. */
function valueIn(line: string, reading: Reading): number | undefined {
  if (reading.column !== undefined && line !== '') {
    const key = KEY.exec(line);
    const isOver = key === null ? /^(?:---|\.\.\.)/.test(line) : (key[1] ?? '').length <= reading.column;
    if (!isOver) return within(line, key);
    reading.column = undefined;
  }
  noteWebhooks(line, reading);
  for (const { index, 0: between } of line.matchAll(BETWEEN)) {
    const from = index + between.length;
    const name = nameBefore(line, index);
    const isOther = /:$/.test(between) && NO_VALUE.test(line.slice(from));
    if (!isUrlOf(name, reading) && (isOther || !isSecretName(name))) continue;
    reading.column = line.lastIndexOf(name, index);
    if (!FROM.test(line.slice(from))) return from;
  }
  return undefined;
}

const isUrlOf = (name: string, { webhooks }: Reading): boolean => webhooks !== undefined && /^ur[il]$/i.test(name);

function noteWebhooks(line: string, reading: Reading): void {
  const indent = line.search(/\S/);
  if (/^\s*(?:- )?["']?webhooks?\b/i.test(line)) reading.webhooks = indent;
  else if (indent <= (reading.webhooks ?? -1) && !/^\s*-/.test(line)) reading.webhooks = undefined;
}

/** The secret part of a line that belongs to a name before it. */
function within(line: string, key: RegExpExecArray | null): number | undefined {
  if (key !== null) {
    const value = line.slice(key[0].length).trim();
    const isSource = key[3] === 'env' ? isVariable(value) : SOURCES.has(key[3] ?? '');
    return isSource ? undefined : key[0].length + 1;
  }
  const from = line.search(/[^\s-]/);
  return from < 0 || FROM.test(line.slice(from)) ? undefined : from;
}

/** A name, found from its end. */
function nameBefore(line: string, end: number): string {
  const before = line.slice(Math.max(0, end - LONGEST_NAME), end);
  let start = before.length;
  while (start > 0 && /[-\w.]/.test(before.charAt(start - 1))) start -= 1;
  return before.slice(start);
}

const LONGEST_PART = 4096;
const PARTS = new RegExp(String.raw`[^]{1,${LONGEST_PART}}(?=\s|$)|[^]{1,${LONGEST_PART}}`, 'g');

/** A line without what looks like a secret wherever it stands, a dot in place of each character. */
export function maskLine(line: string): string {
  return line.replace(PARTS, maskTold);
}
