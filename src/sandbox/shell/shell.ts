import { beginIn } from './background.ts';
import type { CommandResult } from './command.ts';
import { type Machine, nextPid, type Process } from './machine.ts';
import { type Chain, type Command, type Part, parseScript, type Script, ShellSyntaxError, type Word } from './parse.ts';
import { runProgram } from './programs.ts';

/** `exit` of a script. */
class Exit {
  readonly code: number;
  constructor(code: number) {
    this.code = code;
  }
}

const KILLED = 137;
type Job = { readonly over: Promise<void>; readonly end: AbortController };

/** A shell that runs one script. What it writes goes to `write`, errors to `complain`. */
export class Shell implements Process {
  readonly #machine: Machine;
  readonly #write: (text: string) => void;
  readonly #complain: (text: string) => void;
  readonly #pid: number;
  readonly #variables = new Map<string, string>();
  readonly #traps = new Map<string, string>();
  readonly #jobs = new Map<string, Job>();
  /** Fires when TERM has come and a trap is set for it. */
  readonly #term = new AbortController();
  #positional: string[] = [];
  #code = 0;

  constructor(machine: Machine, write: (text: string) => void, complain: (text: string) => void) {
    this.#machine = machine;
    this.#write = write;
    this.#complain = complain;
    this.#pid = nextPid(machine);
  }

  /** Runs a script to its end and resolves to its exit code. A script that it cannot read ends with 2, unread. */
  async run(text: string, args: readonly string[]): Promise<number> {
    this.#positional = [...args];
    this.#machine.processes.set(this.#pid, this);
    try {
      const code = await this.#exitCode(parseScript(text));
      const atExit = this.#traps.get('EXIT');
      return atExit === undefined || this.#machine.killed.aborted
        ? code
        : await this.#exitCode(parseScript(atExit), code);
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error;
      this.#complain(`sh: syntax error: ${error.message}\n`);
      return 2;
    } finally {
      this.#machine.processes.delete(this.#pid);
      for (const { end } of this.#jobs.values()) end.abort();
    }
  }

  /** TERM does nothing to a container's first process that has no trap for it; neither does it to any here. */
  terminate(): void {
    if (this.#traps.has('TERM')) this.#term.abort();
  }

  /** The code of a script that runs to its end, or `before` where it says none itself. */
  async #exitCode(script: Script, before?: number): Promise<number> {
    try {
      await this.#script(script);
      return before ?? this.#code;
    } catch (error) {
      if (error instanceof Exit) return error.code;
      throw error;
    }
  }

  async #script(script: Script): Promise<void> {
    for (const { chain, background } of script) {
      if (background) this.#start(chain);
      else await this.#chain(chain);
    }
  }

  async #chain(chain: Chain): Promise<void> {
    for (const { after, command } of chain) {
      if ((after === '&&' && this.#code !== 0) || (after === '||' && this.#code === 0)) continue;
      this.#code = await this.#command(command);
      if (this.#machine.killed.aborted) throw new Exit(KILLED);
      await this.#heedTerm();
    }
  }

  async #heedTerm(): Promise<void> {
    const trap = this.#traps.get('TERM');
    if (!this.#term.signal.aborted || trap === undefined) return;
    this.#traps.delete('TERM');
    await this.#script(parseScript(trap));
  }

  /** A sleep goes on in the background here, and for its time what uses CPU or memory. */
  #start([first, ...more]: Chain): void {
    const words = first === undefined || more.length > 0 ? [] : this.#plain(first.command.words);
    const release = beginIn(this.#machine, words);
    if (release === undefined) throw new ShellSyntaxError(`${words.join(' ')}: cannot run in the background here`);
    const end = new AbortController();
    const number = String(nextPid(this.#machine));
    const signal = AbortSignal.any([end.signal, this.#machine.killed]);
    const { clock, processes } = this.#machine;
    const over = clock.sleep(Number(words[1]) * 1000, signal).then(() => {
      processes.delete(Number(number));
      release();
    });
    processes.set(Number(number), { terminate: () => end.abort() });
    this.#jobs.set(number, { end, over });
    this.#variables.set('!', number);
  }

  #plain(words: readonly Word[]): string[] {
    return words.map((word) => word.map((part) => (part.kind === 'text' ? part.text : '')).join(''));
  }

  async #command({ words, redirects }: Command): Promise<number> {
    const expanded: string[] = [];
    for (const word of words) expanded.push(...(await this.#expand(word)));
    const [name = '', ...args] = expanded;
    const files = new Map<string, string>();
    for (const { to, file } of redirects) files.set(to, (await this.#expand(file)).join(' '));
    const input = files.get('<');
    if (input !== undefined && !this.#machine.files.has(input)) {
      this.#complain(`sh: can't open ${input}: no such file\n`);
      return 2;
    }
    const own = await this.#builtin(name, args, input === undefined ? '' : (this.#machine.files.get(input) ?? ''));
    const result = own ?? runProgram(expanded, this.#machine);
    this.#deliver(result, files);
    return result.code;
  }

  #deliver({ output, error }: CommandResult, files: ReadonlyMap<string, string>): void {
    const [over, onto] = [files.get('>'), files.get('>>')];
    if (over !== undefined) this.#machine.files.set(over, output);
    else if (onto !== undefined) this.#machine.files.set(onto, (this.#machine.files.get(onto) ?? '') + output);
    else if (output !== '') this.#write(output);
    if (error !== '') this.#complain(error);
  }

  async #builtin(name: string, args: readonly string[], input: string): Promise<CommandResult | undefined> {
    const ended = (code: number): CommandResult => ({ code, output: '', error: '' });
    switch (name) {
      case 'exit':
        throw new Exit(args[0] === undefined ? this.#code : Number(args[0]));
      case 'trap':
        for (const signal of args.slice(1)) this.#traps.set(signal, args[0] ?? '');
        return ended(0);
      case 'set':
        if (args[0] !== '--') return { code: 2, output: '', error: `set: ${args.join(' ')}: not known here\n` };
        this.#positional = args.slice(1);
        return ended(0);
      case 'read':
        this.#variables.set(args[0] ?? '', input.split('\n')[0]?.trim() ?? '');
        return ended(input === '' ? 1 : 0);
      case 'sleep':
        await this.#machine.clock.sleep(Number(args[0]) * 1000, this.#machine.killed);
        return ended(0);
      case 'wait':
        return ended(await this.#wait(args[0] ?? ''));
      default:
        return undefined;
    }
  }

  /** A signal with a trap ends the wait at once (POSIX: 2.11 of the shell command language). */
  async #wait(number: string): Promise<number> {
    const job = this.#jobs.get(number);
    if (job === undefined) return 127;
    const interrupted = Promise.withResolvers<void>();
    if (this.#term.signal.aborted) interrupted.resolve();
    this.#term.signal.addEventListener('abort', () => interrupted.resolve(), { once: true });
    await Promise.race([job.over, interrupted.promise]);
    return this.#term.signal.aborted || job.end.signal.aborted ? 143 : 0;
  }

  async #expand(word: Word): Promise<string[]> {
    const fields: string[] = [];
    let open = false;
    for (const part of word) {
      const isWhole = part.kind === 'text' || part.quoted;
      const value = await this.#value(part);
      const pieces = isWhole ? [value] : value.split(/[ \t\n]+/).filter((piece) => piece !== '');
      for (const [index, piece] of pieces.entries()) {
        if (open && index === 0) fields.push(`${fields.pop() ?? ''}${piece}`);
        else fields.push(piece);
        open = true;
      }
    }
    return fields;
  }

  async #value(part: Part): Promise<string> {
    switch (part.kind) {
      case 'text':
        return part.text;
      case 'variable':
        return this.#variable(part.name) || part.otherwise;
      default:
        return this.#output(part.script);
    }
  }

  #variable(name: string): string {
    if (name === '$') return String(this.#pid);
    if (name === '?') return String(this.#code);
    if (/^\d$/.test(name)) return this.#positional[Number(name) - 1] ?? '';
    return this.#variables.get(name) ?? '';
  }

  async #output(script: Script): Promise<string> {
    let text = '';
    const inner = new Shell(this.#machine, (piece) => (text += piece), this.#complain);
    inner.#positional = this.#positional;
    await inner.#exitCode(script);
    return text.replace(/\n+$/, '');
  }
}
