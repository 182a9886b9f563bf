import type { Diagnostic } from '../model/errors.ts';
import { maskSource } from './masked.ts';
import { displayWidth, printable } from './printable.ts';
import { maskLine } from './secret-lines.ts';
import { createSource } from './source.ts';

export type FormatOptions = { readonly color: boolean };

/** Characters of a source line that are shown around the caret. */
const WINDOW = 100;
/** Characters that are shown before the caret when the line is cut. */
const LEAD = 40;

type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'cyan';
const STYLES: Readonly<Record<Style, string>> = { bold: '1', dim: '2', red: '31', yellow: '33', cyan: '36' };
type Paint = (style: Style, text: string) => string;

/**
 * Diagnostics for people: place, code and message, the source line with the part underlined, and what to do. Nothing of
 * the text reaches the terminal as a control sequence, and no value of a secret header at all.
 */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], text: string, options: FormatOptions): string {
  const source = createSource(maskSource(text));
  const paint: Paint = options.color ? (style, part) => `\u001b[${STYLES[style]}m${part}\u001b[0m` : (_, part) => part;
  const lines = new Map(
    [...new Set(diagnostics.map(({ line }) => line))].map((line) => [line, maskLine(source.line(line))]),
  );
  return diagnostics
    .map((diagnostic) => `${formatOne(diagnostic, lines.get(diagnostic.line) ?? '', paint)}\n`)
    .join('\n');
}

function formatOne(diagnostic: Diagnostic, sourceLine: string, paint: Paint): string {
  const { file, line, column, code, severity, message, hint } = diagnostic;
  const tone = severity === 'error' ? 'red' : 'yellow';
  const place = paint('bold', `${printable(file)}:${line}:${column}`);
  const lines = [`${place} ${paint(tone, `${severity} ${code}`)} ${printable(message)}`];
  const shown = windowed(sourceLine, column - 1, diagnostic.length);
  const gutter = ' '.repeat(String(line).length);
  if (shown.text.trim() !== '') {
    lines.push(`${paint('dim', `  ${line} |`)} ${shown.text}`);
    lines.push(`${paint('dim', `  ${gutter} |`)} ${shown.indent}${paint(tone, shown.carets)}`);
  }
  if (hint !== undefined) lines.push(`${paint('dim', `  ${gutter} =`)} ${paint('cyan', printable(hint))}`);
  return lines.join('\n');
}

/** The part of a line around the caret, printable, with cut ends marked. */
function windowed(sourceLine: string, from: number, length: number) {
  const chars = Array.from(sourceLine);
  const start = Math.max(0, Math.min(from - LEAD, chars.length - WINDOW));
  const end = Math.min(chars.length, start + WINDOW);
  const part = (first: number, last: number): string => printable(chars.slice(first, last).join(''));
  const head = start > 0 ? '…' : '';
  const marked = displayWidth(part(from, Math.min(from + length, end)));
  return {
    text: `${head}${part(start, end)}${end < chars.length ? '…' : ''}`,
    indent: ' '.repeat(head.length + displayWidth(part(start, from))),
    carets: '^'.repeat(Math.max(1, marked)),
  };
}
