/** C0 and C1 controls without tab and newline, line separators, bidirectional and invisible formatting, noncharacters. */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]|[\u{e0000}-\u{e007f}]/gu;

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
    .replace(/##(?=\[|vso\[|teamcity\[)/g, '# #');
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
  return json.replace(UNSEEN, spelt).replace(/##(?=\[|vso\[|teamcity\[)/g, '#\\u0023');
}
