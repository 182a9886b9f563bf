import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Diagnostic } from '../../model/errors.ts';
import { SCRIPT_MODULE } from '../../model/scenario.ts';
import { createSource, printable, quoted, withoutBom } from '../../scenario/index.ts';
import { readInside } from './inside.ts';
import { moduleProblem, type Refusal } from './modules.ts';
import { type Reference, referencesOf } from './references.ts';
import { placeProblem, type Staging, sizeProblem } from './staging.ts';

export type ScriptProblem = Pick<Diagnostic, 'code' | 'message' | 'hint'>;

/** A file to read: what the one that asks for it calls it, and where it asks. */
type Wanted = {
  readonly path: string;
  readonly kind: 'module' | 'file';
  readonly written: string;
  readonly from: string;
};

/** Reads a script and all that it leads to, by names relative to the scenario's folder. */
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
    const queue: Wanted[] = [{ path: join(this.#folder, this.#staging.main), kind: 'module', written, from: '' }];
    for (const wanted of queue) {
      const name = relative(this.#folder, wanted.path).split(sep).join('/');
      const text = this.files.get(name) ?? this.#read(name, wanted);
      if (text === undefined || wanted.kind === 'file' || this.modules.has(name)) continue;
      this.modules.add(name);
      if (this.#isToScan(wanted)) queue.push(...this.#wantedBy(name, text));
    }
    const problem = this.#staging.pods ? sizeProblem(this.files) : undefined;
    if (problem !== undefined) this.#refuse('', problem);
  }

  #read(name: string, { path, written, from }: Wanted): string | undefined {
    const read = readInside(this.#folder, path, written);
    if (typeof read !== 'string') {
      this.#refuse(from, read);
      return undefined;
    }
    this.files.set(name, read);
    const problem = placeProblem(name, this.#staging);
    if (problem !== undefined) this.#refuse(from, problem);
    return read;
  }

  #isToScan({ path, written, from }: Wanted): boolean {
    if (basename(path) !== SCRIPT_MODULE) return true;
    if (path !== this.#ownModule) {
      const hint = 'import the one beside the script';
      this.#refuse(from, {
        message: `${quoted(written)} is not beside the script, and a run knows only that one`,
        hint,
      });
    }
    return false;
  }

  #wantedBy(name: string, text: string): Wanted[] {
    const body = withoutBom(text);
    const source = createSource(body);
    const folder = dirname(join(this.#folder, name));
    return referencesOf(body).flatMap((reference): Wanted[] => {
      const { line, column } = source.locate({ start: reference.at, end: reference.at });
      const from = `${printable(name)}:${line}:${column}: `;
      const problem = moduleProblem(reference);
      if (problem !== undefined) this.#refuse(from, problem);
      const path = problem === undefined ? pathOf(reference, folder) : undefined;
      return path === undefined ? [] : [{ path, kind: kindOf(reference), written: reference.name, from }];
    });
  }

  #refuse(from: string, { code = 'FIELD_VALUE', message, hint }: Refusal): void {
    this.problems.push({ code, message: `${from}${message}`, ...(hint === undefined ? {} : { hint }) });
  }
}

function kindOf({ kind }: Reference): 'module' | 'file' {
  return kind === 'file' ? 'file' : 'module';
}

/** Undefined for the modules that k6 brings. */
function pathOf({ kind, name }: Reference, folder: string): string | undefined {
  return kind === 'file' || name.startsWith('.') ? resolve(folder, name) : undefined;
}
