import { mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { ScriptFiles } from '../load/index.ts';
import { type Diagnostic, FaultlineError, messageOf } from '../model/errors.ts';
import { SCRIPT_MODULE, type Scenario } from '../model/scenario.ts';
import { createSource, printable, quoted, withoutBom } from '../scenario/index.ts';
import { writeWhole } from '../store/run-folder.ts';
import { moduleProblem, type Refusal } from './script/modules.ts';
import { type Reference, referencesOf } from './script/references.ts';

export type ScriptProblem = Pick<Diagnostic, 'code' | 'message' | 'hint'>;

/**
 * Reads the scenario's load script and, transitively, what it imports and opens by relative paths; undefined where the
 * scenario has none. Throws FaultlineError USAGE with all problems at once, each with its place in the script.
 */
export function scriptFiles(scenario: Scenario): ScriptFiles | undefined {
  const { read, problems } = readScript(scenario);
  const [first] = problems;
  if (first === undefined) return read;
  const message = problems.map((problem) => problem.message).join('\n');
  throw new FaultlineError('USAGE', message, first.hint === undefined ? {} : { hint: first.hint });
}

/** What `scriptFiles` would throw for; empty where all is well or there is no script. */
export function scriptProblems(scenario: Scenario): readonly ScriptProblem[] {
  return readScript(scenario).problems;
}

/** Copies the script into the folder of its run, so that the record says what was sent. Throws RUN_FOLDER. */
export function keepScript(runFolder: string, { files }: ScriptFiles): void {
  for (const [name, text] of files) {
    const file = join(runFolder, 'script', ...name.split('/'));
    mkdirSync(dirname(file), { recursive: true });
    writeWhole(file, text);
  }
}

function readScript({ load, source }: Scenario): { read?: ScriptFiles; problems: readonly ScriptProblem[] } {
  if (load.script === undefined) return { problems: [] };
  const folder = resolve(dirname(source.file));
  const main = resolve(folder, load.script);
  const reader = new Reader(folder);
  reader.readAll({ path: main, kind: 'module', written: load.script, from: '' });
  const name = relative(folder, main).split(sep).join('/');
  return { read: { main: name, files: reader.files }, problems: reader.problems };
}

/** A file to read: what the one that asks for it calls it, and where it asks. */
type Wanted = {
  readonly path: string;
  readonly kind: 'module' | 'file';
  readonly written: string;
  readonly from: string;
};

class Reader {
  readonly files = new Map<string, string>();
  readonly problems: ScriptProblem[] = [];
  readonly #folder: string;
  readonly #scanned = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads a file and everything that it leads to. */
  readAll(first: Wanted): void {
    const queue = [first];
    for (const wanted of queue) {
      const name = relative(this.#folder, wanted.path).split(sep).join('/');
      const text = this.files.get(name) ?? this.#read(name, wanted);
      if (text === undefined || wanted.kind === 'file' || this.#scanned.has(name)) continue;
      this.#scanned.add(name);
      queue.push(...this.#wantedBy(name, text));
    }
  }

  #read(name: string, { path, written, from }: Wanted): string | undefined {
    const read = readInside(this.#folder, path, written);
    if (typeof read === 'string') this.files.set(name, read);
    else this.#refuse(from, read);
    return typeof read === 'string' ? read : undefined;
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

/** The text of a file that lies in the folder, whatever links are on the way. */
function readInside(folder: string, path: string, written: string): string | Refusal {
  const outside = {
    message: `${quoted(written)} leads out of the folder of the scenario`,
    hint: 'copy it beside the script',
  };
  if (!isInside(folder, path)) return outside;
  try {
    if (!isInside(realpathSync(folder), realpathSync(path))) return outside;
    if (!statSync(path).isFile()) return { message: `${quoted(written)} is no file` };
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    return unreadable(path, written, error);
  }
}

function isInside(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function unreadable(path: string, written: string, error: unknown): Refusal {
  const code = 'FILE_UNREADABLE';
  const reason = (error as { code?: string }).code ?? '';
  if (reason === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return { code, message: `${quoted(written)} is no text in UTF-8` };
  if (reason !== 'ENOENT' && reason !== 'ENOTDIR')
    return { code, message: `${quoted(written)} cannot be read: ${messageOf(error)}` };
  if (basename(path) === SCRIPT_MODULE) {
    return { code, message: `${quoted(written)} does not exist`, hint: 'put it there with: faultline k6 script' };
  }
  const ending = ['.ts', '.js'].find((candidate) => statSync(path + candidate, { throwIfNoEntry: false })?.isFile());
  const message = `${quoted(written)} does not exist`;
  return ending === undefined ? { code, message } : { code, message, hint: `write ${quoted(written + ending)}` };
}
