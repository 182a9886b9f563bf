import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { ENGINE_KINDS } from '../../load/engines.ts';
import type { EngineKind, ListLoaded, LoadedFiles, ScriptFiles } from '../../model/engine.ts';
import { FaultlineError } from '../../model/errors.ts';
import type { Redact } from '../../model/redact.ts';
import { SCRIPT_MODULE, type Scenario } from '../../model/scenario.ts';
import { printable } from '../../scenario/index.ts';
import { writeWhole } from '../../store/run-folder.ts';
import { outside, readInside } from './inside.ts';
import { moduleProblem, type Refusal } from './modules.ts';
import { type ScriptProblem, ScriptReader } from './reader.ts';
import { placeProblem, type Staging, sizeProblem } from './staging.ts';

/** A script with all that it reads, and which of its files are code. */
export type Script = ScriptFiles & { readonly modules: ReadonlySet<string> };

/** In a run folder: what a script read besides code. Not in `script/`, where a module could have that name. */
const DATA = 'script-data.txt';

/**
 * The scenario's load script with all that it imports and opens; undefined where the scenario has none. `list` asks the
 * engine what that is, computed names too; where nobody is there to ask it is what the literal names say. Rejects with
 * FaultlineError USAGE with all problems at once, each with its place in the script, or LOAD where it cannot be loaded.
 */
export async function scriptFiles(
  scenario: Scenario,
  list: ListLoaded | undefined = supportOf(scenario)?.list,
): Promise<Script | undefined> {
  const read = readScript(scenario);
  if (read === undefined) return undefined;
  throwErrors(read.reader.problems);
  const loaded = await list?.(read.folder, read.staging.main);
  const { files, modules } = read.reader;
  return { main: read.staging.main, files: loaded === undefined ? files : filesOf(read, loaded), modules };
}

/** What `scriptFiles` would reject with for sure, and what nobody can say without k6; empty where there is no script. */
export function scriptProblems(scenario: Scenario): readonly ScriptProblem[] {
  return readScript(scenario)?.reader.problems ?? [];
}

/**
 * Copies the code of the script into the folder of its run, so that the record says what was sent. Of data there is a list
 * with sizes and digests: it may be secret, and run folders are passed around. `redact` takes the secrets of the scenario
 * out of the code. Throws RUN_FOLDER.
 */
export function keepScript(runFolder: string, { files, modules }: Script, redact: Redact): void {
  const data = [...files].filter(([name]) => !modules.has(name));
  for (const [name, text] of files) {
    if (!modules.has(name)) continue;
    const file = join(runFolder, 'script', ...name.split('/'));
    mkdirSync(dirname(file), { recursive: true });
    writeWhole(file, redact(text));
  }
  if (data.length > 0) writeWhole(join(runFolder, DATA), data.map(([name, text]) => lineOf(name, text)).join(''));
}

function lineOf(name: string, text: string): string {
  const digest = createHash('sha256').update(text).digest('hex');
  return `${printable(name)} ${Buffer.byteLength(text)} bytes sha256:${digest}\n`;
}

type ReadScript = { readonly folder: string; readonly staging: Staging; readonly reader: ScriptReader };

function readScript(scenario: Scenario): ReadScript | undefined {
  const { load, source } = scenario;
  if (load.script === undefined) return undefined;
  const folder = resolve(dirname(source.file));
  const main = relative(folder, resolve(folder, load.script)).split(sep).join('/');
  const { layout, taken }: Omit<Staging, 'main'> = supportOf(scenario) ?? { layout: 'tree', taken: [] };
  const staging: Staging = { main, layout, taken };
  const reader = new ScriptReader(folder, staging);
  reader.readAll(load.script);
  return { folder, staging, reader };
}

function supportOf({ load }: Scenario): EngineKind['script'] {
  return ENGINE_KINDS.find(({ name }) => name === load.engine)?.script;
}

/** The files that the engine has named, and the module beside the script, of which a run has its own version. */
function filesOf({ folder, staging, reader }: ReadScript, { inside, elsewhere }: LoadedFiles): Map<string, string> {
  const module = posix.join(posix.dirname(staging.main), SCRIPT_MODULE);
  const files = new Map([...reader.files].filter(([name]) => name === module));
  const refusals: (Refusal | undefined)[] = elsewhere.map(elsewhereProblem);
  for (const name of inside) {
    const text = readInside(folder, join(folder, name), name);
    if (typeof text === 'string') files.set(name, text);
    refusals.push(typeof text === 'string' ? placeProblem(name, staging) : text);
  }
  if (staging.layout === 'flat') refusals.push(sizeProblem(files));
  throwErrors(
    refusals
      .filter((refusal) => refusal !== undefined)
      .map((refusal) => ({ severity: 'error', code: 'FIELD_VALUE', ...refusal })),
  );
  return files;
}

/** k6 fetches modules by URL, and opens files wherever they lie. */
function elsewhereProblem(path: string): Refusal {
  const fetched = path.startsWith('https:') ? moduleProblem({ kind: 'module', name: path }) : undefined;
  return fetched ?? outside(path);
}

function throwErrors(problems: readonly ScriptProblem[]): void {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  const message = errors.map((problem) => problem.message).join('\n');
  throw new FaultlineError('USAGE', message, first.hint === undefined ? {} : { hint: first.hint });
}
