import { escapeMarkdown, markdownCode, markdownCommand } from './escape.ts';

/** Markdown that is already safe, of one line. Only this file makes it. */
export class Markdown {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text is escaped, Markdown is kept, lists are joined. */
type Part = string | number | Markdown | readonly Markdown[];

function render(part: Part): string {
  if (part instanceof Markdown) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  return escapeMarkdown(String(part));
}

/** Builds a line of Markdown; everything put into it is escaped unless it is Markdown itself. */
export function md(strings: TemplateStringsArray, ...parts: readonly Part[]): Markdown {
  let text = strings[0] ?? '';
  for (const [index, part] of parts.entries()) text += render(part) + (strings[index + 1] ?? '');
  return new Markdown(text);
}

/** Text that may be longer, or must be shorter, than others in a template. */
export function upTo(limit: number, text: string): Markdown {
  return new Markdown(escapeMarkdown(text, limit));
}

/** A code span. */
export function code(text: string, limit?: number): Markdown {
  return new Markdown(markdownCode(text, limit));
}

/** A command to be pasted, outside of tables. */
export function pasted(command: string): Markdown {
  return new Markdown(markdownCommand(command));
}

/** A link to a file beside this one. */
export function fileLink(words: string, path: string): Markdown {
  const target = encodeURI(path.toWellFormed()).replace(/[()&]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  return md`[${words}](${new Markdown(target)})`;
}

/** The row of a table. */
export function row(...cells: readonly Part[]): Markdown {
  return new Markdown(`| ${cells.map(render).join(' | ')} |`);
}

/** Lines as one text. */
export function textOf(lines: readonly Markdown[]): string {
  return lines.map(({ text }) => text).join('\n');
}
