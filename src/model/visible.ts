/** C0 and C1 controls without tab and newline, line separators, bidirectional and invisible formatting, noncharacters. */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]|[\u{e0000}-\u{e007f}]/gu;

/** What a CI system obeys anywhere in a line of its log. */
const LOG_COMMAND = /##(?=\[|vso\[|teamcity\[)/g;

/** What a line of a shell cannot hold so that a person sees it, one after the other, with backslashes before it: they would seem to escape what stands for it. */
const UNSEEN_OF_LINE = new RegExp(`\\\\*(?:[\\t\\n]|${UNSEEN.source})+`, 'gu');

function codeName(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Makes every character that a reader cannot see visible as `\x1b` or `\u202e`. Newlines and tabs stay. */
export function visible(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n').replace(UNSEEN, codeName);
}

/** The same for what stands in one line of ours: a line break in the words of others, which could forge a line, is seen as `\n`. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\\n');
}

/**
 * Takes from a text what the log of a CI system would obey. GitHub Actions reads `::` at the start of a line, spaces
 * before it or not, and `##[` anywhere (actions/runner, ActionCommand.cs); Azure reads `##vso[`, TeamCity `##teamcity[`.
 */
export function withoutCommands(text: string): string {
  return text
    .replace(/^(\s*):(:+)/gm, (_, space: string, more: string) => `${space}: ${[...more].join(' ')}`)
    .replace(LOG_COMMAND, '# #');
}

/**
 * The JSON of a value as it stands in a file: whoever shows the file in a terminal, an editor or a log is shown letters only,
 * and whoever reads it gets the same value.
 */
export function jsonText(value: unknown, indent = 0): string {
  return visibleJson(JSON.stringify(value, null, indent));
}

/** JSON that may stand in a log: the same value, and no character of it is a control or part of a command. */
export function visibleJson(json: string): string {
  const spelt = (char: string): string =>
    Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
  return json.replace(UNSEEN, spelt).replace(LOG_COMMAND, '#\\u0023');
}

/**
 * One word in single quotes of a shell, as it may stand in a log, a page and one line of a terminal: the same value, and no character of
 * it is a control, part of a command, or a space after a space, of which a page shows one. What cannot be seen stands in `$'…'`
 * (POSIX.1-2024, 2.2.4: bash, zsh, ksh, busybox), byte by byte.
 */
export function visiblyQuoted(word: string): string {
  const spelt = (unseen: string): string => {
    const bytes = [...new TextEncoder().encode(unseen)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`);
    return `'$'${bytes.join('')}''`;
  };
  const text = word
    .toWellFormed()
    .replaceAll("'", "'\\''")
    .replace(LOG_COMMAND, "'\\#'#")
    .replace(/ (?= )/g, "'\\ '")
    .replace(UNSEEN_OF_LINE, spelt);
  return `'${text}'`;
}
