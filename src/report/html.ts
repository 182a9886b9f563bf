import { escapeHtml } from './escape.ts';

/** Markup that is already safe. Only this file makes it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text is escaped, markup is kept, lists are joined, `false` and nothing leave nothing. */
export type Part = string | number | Html | readonly Part[] | false | undefined;

function render(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'number') return Number.isFinite(part) ? String(part) : 'unknown';
  return typeof part === 'string' ? escapeHtml(part) : part.map(render).join('');
}

/** Builds markup; everything put into it is escaped unless it is markup itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? '';
  for (const [index, part] of parts.entries()) text += render(part) + (strings[index + 1] ?? '');
  return new Html(text);
}

/** Our own constant text, such as the style sheet. Never for anything that comes from a run. */
export function trusted(text: string): Html {
  return new Html(text);
}

/** Markup pieces with a separator between them. */
export function joined(parts: readonly Part[], separator: Part): Html {
  return new Html(parts.map(render).join(render(separator)));
}
