import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Diagnostic } from '../../model/errors.ts';
import { SCRIPT_MODULE } from '../../model/scenario.ts';
import { createSource, printable, quoted, withoutBom } from '../../scenario/index.ts';
import { readInside } from './inside.ts';
import { moduleProblem, type Refusal, unknownName } from './modules.ts';
import { type ParsedScript, parseScript, UnreadableScript } from './parse.ts';
import { type NamedReference, type Reference, referencesOf } from './references.ts';
import { placeProblem, type Staging, sizeProblem } from './staging.ts';

/** An error, or a warning where the script may be right all the same. */
export type ScriptProblem = Pick<Diagnostic, 'severity' | 'code' | 'message' | 'hint'>;

/** A file to read: what the one that asks for it calls it, and where it asks. */
type Wanted = {
  readonly path: string;
  readonly kind: 'module' | 'file';
  readonly written: string;
  readonly certain: boolean;
  readonly from: string;
};

/**
 * Reads a script and all that it leads to by literal names, without k6, by names relative to the scenario's folder. What
 * is written in a way that only k6 understands is told as a warning, and so is what is wrong where a script may never come.
 */
export class ScriptReader {
  readonly files = new Map<string, string>();
  /** Those of the files that are code: the script and what it imports. */
  readonly modules = new Set<string>();
  readonly problems: ScriptProblem[] = [];
  readonly #folder: string;
  readonly #staging: Staging;
  /** The module beside the script: a run has its own version in its place, so what stands in this one does not count. */
  readonly #ownModule: string;

  constructor(folder: string, staging: Staging) {
    this.#folder = folder;
    this.#staging = staging;
    this.#ownModule = join(dirname(join(folder, staging.main)), SCRIPT_MODULE);
  }

  /** Reads the script, which the scenario calls by this name, and everything that it leads to. */
  readAll(written: string): void {
    const main = join(this.#folder, this.#staging.main);
    const queue: Wanted[] = [{ path: main, kind: 'module', written, certain: true, from: '' }];
    for (const wanted of queue) {
      const name = relative(this.#folder, wanted.path).split(sep).join('/');
      const text = this.files.get(name) ?? this.#read(name, wanted);
      if (text === undefined || wanted.kind === 'file' || this.modules.has(name)) continue;
      this.modules.add(name);
      if (this.#isToScan(wanted)) queue.push(...this.#wantedBy(name, text));
    }
    const problem = this.#staging.layout === 'flat' ? sizeProblem(this.files) : undefined;
    if (problem !== undefined) this.#tell('error', '', problem);
  }

  #read(name: string, { path, written, certain, from }: Wanted): string | undefined {
    const severity = certain ? 'error' : 'warning';
    const read = readInside(this.#folder, path, written);
    if (typeof read !== 'string') {
      this.#tell(severity, from, read);
      return undefined;
    }
    const problem = placeProblem(name, this.#staging);
    if (problem !== undefined) this.#tell(severity, from, problem);
    // A run can do without what it may never ask for, and could not put it there.
    if (problem === undefined || certain) this.files.set(name, read);
    return read;
  }

  #isToScan({ path, written, from }: Wanted): boolean {
    if (basename(path) !== SCRIPT_MODULE) return true;
    if (path !== this.#ownModule) {
      const hint = 'import the one beside the script';
      const message = `${quoted(written)} is not beside the script, and a run knows only that one`;
      this.#tell('error', from, { message, hint });
    }
    return false;
  }

  #wantedBy(name: string, text: string): Wanted[] {
    const body = withoutBom(text);
    const source = createSource(body);
    const placeOf = (at: number): string => {
      const { line, column } = source.locate({ start: at, end: at });
      return `${printable(name)}:${line}:${column}: `;
    };
    const parsed = this.#parse(body, name, placeOf);
    if (parsed === undefined) return [];
    const folder = dirname(join(this.#folder, name));
    return referencesOf(parsed.program).flatMap((reference): Wanted[] => {
      const from = placeOf(parsed.originOf(reference.at));
      if (!this.#isAllowed(reference, from)) return [];
      const path = pathOf(reference, folder);
      const { kind, name: written, certain } = reference;
      return path === undefined ? [] : [{ path, kind, written, certain, from }];
    });
  }

  /** k6 has a parser of its own: what this one does not understand may be right. */
  #parse(text: string, name: string, placeOf: (at: number) => string): ParsedScript | undefined {
    try {
      return parseScript(text, name);
    } catch (error) {
      if (!(error instanceof UnreadableScript)) throw error;
      const message = `cannot be read without k6, so nothing that it imports or opens is checked: ${error.message}`;
      this.#tell('warning', placeOf(error.at), { message });
      return undefined;
    }
  }

  #isAllowed(reference: Reference, from: string): reference is NamedReference {
    if (reference.kind === 'computed') {
      this.#tell('warning', from, unknownName(reference.by));
      return false;
    }
    const problem = moduleProblem(reference);
    if (problem !== undefined) this.#tell(reference.certain ? 'error' : 'warning', from, problem);
    return problem === undefined;
  }

  #tell(severity: Diagnostic['severity'], from: string, { code = 'FIELD_VALUE', message, hint }: Refusal): void {
    this.problems.push({ severity, code, message: `${from}${message}`, ...(hint === undefined ? {} : { hint }) });
  }
}

/** Undefined for the modules that k6 brings. */
function pathOf({ kind, name }: NamedReference, folder: string): string | undefined {
  return kind === 'file' || name.startsWith('.') ? resolve(folder, name) : undefined;
}
