import { PAYLOADS } from './results/hostile.ts';

/** What text is made of that means harm to whoever prints it: escapes, bidi, commands, markup. */
const ATOMS: readonly string[] = [
  ...PAYLOADS,
  '\u001b[31m',
  '\u001b[8m',
  '\u001b[1A\u001b[2K',
  '\u001b]8;;http://evil.example\u0007',
  '\u001bP+q544e\u001b\\',
  '\u009b2J',
  '\u0090q\u009c',
  '\u061c',
  '\u200e\u200f',
  '\u202a\u202b\u202c\u202d\u202e',
  '\u2066\u2067\u2068\u2069',
  '\u{e0041}\u{e0042}',
  '\u180e\ufeff\u00ad\u200b\u2060',
  '\r',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '\b\b\b',
  '\u0000',
  '::add-mask::x',
  '\n::error::x',
  '\n  ::stop-commands::x',
  '\r::set-env name=PATH::x',
  '\n\u00a0::warning::x',
  '\u2028::notice::x',
  ':',
  '##[command]x',
  '##vso[task.setvariable variable=x]y',
  '##teamcity[buildStatus]',
  '#',
  '[',
  '漢字',
  'é',
  '🗻',
  '\ud83d',
  'ok',
];

/** Texts without end, the same ones for the same seed. */
export function* hostileTexts(seed: number): Generator<string> {
  let state = seed;
  const below = (limit: number): number => {
    // Numerical Recipes: a period of 2^32 is enough for texts.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  for (;;) {
    const atoms = Array.from({ length: 1 + below(6) }, () => ATOMS[below(ATOMS.length)] ?? '');
    if (below(8) === 0) atoms.push(String.fromCharCode(below(0x10000)));
    yield atoms.join('');
  }
}

/**
 * What a terminal, a log or a reader would be told by a text beyond its letters, in words: none is the promise. GitHub Actions
 * trims as .NET does before it looks for `::`.
 */
export function toldBy(text: string): string[] {
  const seen: string[] = [];
  const control =
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/.exec(
      text,
    );
  if (control !== null) seen.push(`control U+${control[0].charCodeAt(0).toString(16)}`);
  if (/[\u{e0000}-\u{e007f}]/u.test(text)) seen.push('tag character');
  if (!text.isWellFormed()) seen.push('lone surrogate');
  if (text.split('\n').some((line) => line.trimStart().startsWith('::'))) seen.push('workflow command');
  if (/##(\[|vso\[|teamcity\[)/.test(text)) seen.push('log command');
  return seen;
}
