import { visible, withoutCommands } from '../model/visible.ts';

/** The colours of our own renderers: all that a terminal is ever told to do but to print. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const OWN_COLOR = /(\u001b\[(?:[0-2]|3[1-6])m)/;
/** Longest line of what goes on, in characters: more is not read anyway. */
const LONGEST_LINE = 4_000;

/**
 * Text as it may go to a terminal or to the log of a CI system, whoever wrote it: no control sequence but colours of our own,
 * and those only where the stream has any, no bidirectional control, no workflow command. Lines stay lines.
 */
export function screenText(text: string, color: boolean): string {
  if (!color) return withoutCommands(visible(text));
  const parts = text.split(OWN_COLOR).map((part, at) => (at % 2 === 1 ? part : visible(part)));
  return withoutCommands(parts.join(''));
}

/** The same, with each line no longer than people read. */
export function shortScreenText(text: string, color: boolean): string {
  return screenText(text, color)
    .split('\n')
    .map((line) => (line.length <= LONGEST_LINE ? line : cut(line)))
    .join('\n');
}

function cut(line: string): string {
  return `${line.slice(0, LONGEST_LINE).toWellFormed()}… (${line.length} characters)`;
}
