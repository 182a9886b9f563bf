import { visible, visibleLine, withoutCommands } from '../model/visible.ts';

/*
 * Text from clusters, responses and scenario files is hostile until it has passed one of these functions. Every shape
 * of the report takes its text from here; nothing else in this folder knows how to escape.
 */

/** A cut text ends with a whole word, unless that word is longer than this. */
const LONGEST_WORD = 25;

/** Like `visible`, on one line and at most `limit` characters long; the cut is said in words. */
export function oneLine(text: string, limit = 300): string {
  const whole = visible(text)
    .replace(/[\n\t ]+/g, ' ')
    .trim();
  if (whole.length <= limit) return whole;
  const kept = whole.slice(0, limit);
  const space = kept.lastIndexOf(' ');
  const end = space > Math.max(0, limit - LONGEST_WORD) ? space : limit;
  return `${kept.slice(0, end).toWellFormed()}… (${whole.length} characters)`;
}

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * For HTML text and quoted attributes. A reader sees the text as it is; where the page itself is printed into the log of a CI
 * system, there is no command in it.
 */
export function escapeHtml(text: string): string {
  return entities(visible(text))
    .replace(/^(\s*):(?=:)/gm, '$1&#58;')
    .replace(/##(?=\[|vso\[|teamcity\[)/g, '#&#35;');
}

const entities = (text: string): string => text.replace(/[&<>"']/g, (char) => HTML_ENTITIES[char] ?? '');

/** Whether a link may lead to this name: a plain file beside the page, with no folder and no protocol before it. */
export function isPlainFileName(name: string): boolean {
  return /^[A-Za-z0-9][-.\w]{0,127}$/.test(name);
}

/**
 * For XML 1.0 text and quoted attributes: what XML cannot carry is made visible, newlines survive in attributes. CI systems print
 * what they read of a JUnit file into their logs, so that commands are broken in the text itself.
 */
export function escapeXml(text: string): string {
  return entities(withoutCommands(visible(text)))
    .replace(/\n/g, '&#10;')
    .replace(/\t/g, '&#9;');
}

/** For GitHub Flavored Markdown in the middle of a line, also inside a table cell. */
export function escapeMarkdown(text: string, limit = 300): string {
  return oneLine(text, limit)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/[\\`*_[\]#|~!$]/g, '\\$&')
    .replace(/^([-+=>])/, '\\$1')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/\b(www)\./gi, '$1\\.')
    .replace(/(^|[^\w])@(?=\w)/g, '$1@\u2060');
}

/** A Markdown code span, also inside a table cell. */
export function markdownCode(text: string, limit = 200): string {
  return codeSpan(withoutCommands(oneLine(text, limit)).replace(/\|/g, '\\|'));
}

/** A command as a Markdown code span, outside of tables: in one, `|` would need a sign that stands in the command anywhere else. */
export function markdownCommand(command: string): string {
  return codeSpan(commandText(command));
}

function codeSpan(line: string): string {
  if (line === '') return '(empty)';
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), (run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}

/**
 * For a terminal, which may be the log of a CI system: a line of ours never carries a workflow command of GitHub
 * Actions (`::` at the start of a word, which may come to stand at the start of a line, `##[` anywhere).
 */
export function terminalText(text: string, limit = 300): string {
  return withoutCommands(oneLine(text, limit).replace(/(?<![\w:[\]])::+/g, (colons) => [...colons].join(' ')));
}

/** A command as text, on a terminal as in a page: whole, with its spaces, since it is there to be pasted. */
export function commandText(command: string): string {
  return withoutCommands(visibleLine(command));
}

const TO_ASCII: Readonly<Record<string, string>> = {
  '≤': '<=',
  '≥': '>=',
  '−': '-',
  '–': '-',
  '→': '->',
  '…': '...',
  '·': '-',
  '×': 'x',
};

/** Our own typography in ASCII, for terminals without colour. Letters of other scripts stay. */
export function plainPunctuation(text: string): string {
  return text.replace(/[≤≥−–→…·×]/g, (char) => TO_ASCII[char] ?? char);
}
