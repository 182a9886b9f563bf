/** One tag of a document, with its attributes as written. */
type Tag = {
  readonly name: string;
  readonly closing: boolean;
  readonly empty: boolean;
  readonly attributes: ReadonlyMap<string, string>;
};

type Markup = {
  readonly tags: readonly Tag[];
  readonly texts: readonly string[];
  readonly problems: readonly string[];
};

const TAG = /^<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>/;
const RAW = new Set(['script', 'style']);
const VOID = new Set(['meta', 'link', 'br', 'input', 'hr', 'img']);

function attributesOf(text: string): Map<string, string> {
  return new Map(
    Array.from(text.matchAll(/\s+([\w:-]+)(?:="([^"]*)")?/g), ([, name = '', value = '']) => [name, value]),
  );
}

class Reader {
  readonly tags: Tag[] = [];
  readonly texts: string[] = [];
  readonly problems: string[] = [];
  readonly #open: string[] = [];
  readonly #kind: 'html' | 'xml';
  #rest: string;

  constructor(source: string, kind: 'html' | 'xml') {
    this.#kind = kind;
    this.#rest = source.replace(/^<!DOCTYPE html>\n|^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  }

  read(): Markup {
    while (this.#rest !== '') {
      this.#text();
      if (this.#rest !== '') this.#tag();
    }
    if (this.#open.length > 0) this.problems.push(`left open: ${this.#open.join(' ')}`);
    return this;
  }

  #text(): void {
    const next = this.#rest.indexOf('<');
    const text = next === -1 ? this.#rest : this.#rest.slice(0, next);
    this.#rest = this.#rest.slice(text.length);
    this.texts.push(text);
    if (/&(?!(?:amp|lt|gt|quot|#\d+);)/.test(text)) this.problems.push(`bare ampersand: ${text.slice(0, 60)}`);
  }

  #tag(): void {
    const match = TAG.exec(this.#rest);
    if (match === null) {
      this.problems.push(`no tag: ${this.#rest.slice(0, 60)}`);
      this.#rest = this.#rest.slice(1);
      return;
    }
    const [whole, slash, name = '', attributes = '', selfClosing] = match;
    this.#rest = this.#rest.slice(whole.length);
    const empty = selfClosing === '/' || (this.#kind === 'html' && VOID.has(name));
    this.tags.push({ name, closing: slash === '/', empty, attributes: attributesOf(attributes) });
    if (slash === '/') this.#close(name);
    else if (!empty) this.#enter(name);
  }

  #close(name: string): void {
    if (this.#open.pop() !== name) this.problems.push(`unbalanced </${name}>`);
  }

  #enter(name: string): void {
    this.#open.push(name);
    if (this.#kind === 'html' && RAW.has(name)) this.#rest = this.#rest.slice(this.#rest.indexOf(`</${name}>`));
  }
}

/**
 * Reads markup more strictly than a browser does: every `<` must open a whole tag with quoted attributes, every `&` must
 * be an entity, tags must be balanced. What hostile text manages to open shows up as a problem or as a tag.
 */
export function readMarkup(source: string, kind: 'html' | 'xml'): Markup {
  return new Reader(source, kind).read();
}

/** The text of a document as a reader sees it, entities resolved, raw event lines left out. */
export function visibleText(source: string): string {
  return resolved(source.replace(/<(script|style|pre)[^>]*>[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' '));
}

/** A text of markup with its entities resolved. */
export function resolved(text: string): string {
  return text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/&amp;/g, '&');
}
