/** A piece of a word. What stands in quotes is never split. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly otherwise: string; readonly quoted: boolean }
  | { readonly kind: 'output'; readonly script: Script; readonly quoted: boolean };
export type Word = readonly Part[];
type Redirect = { readonly to: '>' | '>>' | '<'; readonly file: Word };
export type Command = { readonly words: readonly Word[]; readonly redirects: readonly Redirect[] };
/** Commands that depend on each other's success. */
export type Chain = readonly { readonly after: 'first' | '&&' | '||'; readonly command: Command }[];
export type Script = readonly { readonly chain: Chain; readonly background: boolean }[];

/** What the shell does not know: as a syntax error, it ends the script before its first command. */
export class ShellSyntaxError extends Error {}

const WORD_END = /[ \t\n;&|<>()]/;
const NAME = /^(?:[A-Za-z_]\w*|[0-9$!?#@])/;
const KEYWORDS = /^(?:if|for|while|until|case|function|\{|!)$/;

/**
 * Reads the part of POSIX sh that the sandbox knows: simple commands, one a line or with `;`, `&`, `&&` and `||` between
 * them, redirections to and from files, both kinds of quotes, `$name`, `${name:-otherwise}` and `$(script)`. Throws
 * ShellSyntaxError for anything else, so that nothing of a script is passed over in silence.
 */
export function parseScript(text: string): Script {
  const reader = new Reader(text);
  const script = reader.script();
  if (reader.rest !== '') throw new ShellSyntaxError(`unexpected "${reader.rest.slice(0, 20)}"`);
  return script;
}

class Reader {
  rest: string;

  constructor(text: string) {
    this.rest = text;
  }

  script(): Script {
    const items: { chain: Chain; background: boolean }[] = [];
    for (;;) {
      this.#skip(/^[ \t\n;]+/);
      if (this.rest === '' || this.rest.startsWith(')')) return items;
      const chain = this.#chain();
      const background = /^&(?!&)/.test(this.rest);
      if (background) this.#take(1);
      items.push({ chain, background });
    }
  }

  #chain(): Chain {
    const chain: { after: 'first' | '&&' | '||'; command: Command }[] = [{ after: 'first', command: this.#command() }];
    for (;;) {
      const operator = /^(&&|\|\|)/.exec(this.rest)?.[1] as '&&' | '||' | undefined;
      if (operator === undefined) return chain;
      this.#take(2);
      this.#skip(/^[ \t\n]+/);
      chain.push({ after: operator, command: this.#command() });
    }
  }

  #command(): Command {
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      this.#skip(/^[ \t]+/);
      const arrow = /^(>>|>|<)/.exec(this.rest)?.[1] as Redirect['to'] | undefined;
      if (arrow !== undefined) {
        this.#take(arrow.length);
        this.#skip(/^[ \t]+/);
        redirects.push({ to: arrow, file: this.#word() });
      } else if (this.rest === '' || /^(?:[\n;)]|&|\|\|)/.test(this.rest)) break;
      else words.push(this.#word());
    }
    const [first] = words;
    const name = first?.[0]?.kind === 'text' ? first[0].text : '';
    if (words.length === 0 || KEYWORDS.test(name)) throw new ShellSyntaxError(`"${name}" is not known here`);
    return { words, redirects };
  }

  #word(): Word {
    const parts: Part[] = [];
    while (this.rest !== '' && !WORD_END.test(this.rest[0] ?? '')) parts.push(...this.#part());
    if (parts.length === 0) throw new ShellSyntaxError(`unexpected "${this.rest.slice(0, 20)}"`);
    return parts;
  }

  #part(): Part[] {
    const [char = ''] = this.rest;
    if (char === "'") return [{ kind: 'text', text: this.#until("'") }];
    if (char === '"') return this.#quoted();
    if (char === '$') return [this.#dollar(false)];
    if (char === '`' || char === '\\') throw new ShellSyntaxError(`"${char}" is not known here`);
    const [text = ''] = /^[^ \t\n;&|<>()'"$`\\]+/.exec(this.rest) ?? [];
    this.#take(text.length);
    return [{ kind: 'text', text }];
  }

  #quoted(): Part[] {
    const parts: Part[] = [{ kind: 'text', text: '' }];
    this.#take(1);
    while (!this.rest.startsWith('"')) {
      if (this.rest === '') throw new ShellSyntaxError('a quote is not closed');
      if (this.rest.startsWith('$')) parts.push(this.#dollar(true));
      else {
        const [text = ''] = /^[^"$]+/.exec(this.rest) ?? [];
        this.#take(text.length);
        parts.push({ kind: 'text', text });
      }
    }
    this.#take(1);
    return parts;
  }

  #dollar(quoted: boolean): Part {
    this.#take(1);
    if (this.rest.startsWith('(')) {
      this.#take(1);
      const script = this.script();
      if (!this.rest.startsWith(')')) throw new ShellSyntaxError('"$(" is not closed');
      this.#take(1);
      return { kind: 'output', script, quoted };
    }
    const braced = /^\{([A-Za-z_]\w*|\d)(?::-([^{}$'"]*))?\}/.exec(this.rest);
    const name = braced?.[1] ?? NAME.exec(this.rest)?.[0];
    if (name === undefined) throw new ShellSyntaxError(`"$${this.rest.slice(0, 10)}" is not known here`);
    this.#take((braced?.[0] ?? name).length);
    return { kind: 'variable', name, otherwise: braced?.[2] ?? '', quoted };
  }

  #until(quote: string): string {
    const end = this.rest.indexOf(quote, 1);
    if (end < 0) throw new ShellSyntaxError('a quote is not closed');
    const text = this.rest.slice(1, end);
    this.#take(end + 1);
    return text;
  }

  #skip(pattern: RegExp): void {
    this.#take(pattern.exec(this.rest)?.[0].length ?? 0);
  }

  #take(count: number): void {
    this.rest = this.rest.slice(count);
  }
}
