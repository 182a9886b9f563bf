import { REDACTED } from '../model/redact.ts';
import { USERS } from '../model/without-user.ts';

const LONGEST_QUOTE = 60;

/** C0, DEL, C1, line and paragraph separators, bidirectional and invisible controls, lone surrogates. */
const UNSAFE =
  /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/**
 * Text that cannot steer a terminal: every control character becomes one visible character, so that columns still count.
 * Tabs become one space; line breaks are control characters too.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, (char) => {
    const code = char.charCodeAt(0);
    if (char === '\t') return ' ';
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}

/** Text of the file inside a sentence: printable, short, between backticks, and no user or password of a URL in it. */
export function quoted(text: string): string {
  const chars = Array.from(text.replace(USERS, `$1${REDACTED}@`).slice(0, 4 * LONGEST_QUOTE));
  const short = chars.length > LONGEST_QUOTE ? `${chars.slice(0, LONGEST_QUOTE - 1).join('')}…` : chars.join('');
  return `\`${printable(short)}\``;
}

/** `a, b and c`, each quoted; a long list is cut. */
export function listed(names: readonly string[], last: 'and' | 'or' = 'and'): string {
  const shown = names.slice(0, 12).map(quoted);
  if (names.length > shown.length) return `${shown.join(', ')} …`;
  const final = shown.pop();
  if (final === undefined) return 'nothing';
  return shown.length === 0 ? final : `${shown.join(', ')} ${last} ${final}`;
}

/** East Asian wide and full-width letters, and pictographs that terminals draw two columns wide. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** How many terminal columns a printable text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) {
    if (/\p{Mn}/u.test(char)) continue;
    width += WIDE.test(char) ? 2 : 1;
  }
  return width;
}
