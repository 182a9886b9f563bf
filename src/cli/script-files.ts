import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { ScriptFiles } from '../model/engine.ts';
import { FaultlineError } from '../model/errors.ts';
import type { Redact } from '../model/redact.ts';
import type { Scenario } from '../model/scenario.ts';
import { printable } from '../scenario/index.ts';
import { writeWhole } from '../store/run-folder.ts';
import { type ScriptProblem, ScriptReader } from './script/reader.ts';

/** A script with all that it reads, and which of its files are code. */
export type Script = ScriptFiles & { readonly modules: ReadonlySet<string> };

/** In a run folder: what a script read besides code. Not in `script/`, where a module could have that name. */
const DATA = 'script-data.txt';

/**
 * Reads the scenario's load script and, transitively, what it imports and opens by relative paths; undefined where the
 * scenario has none. Throws FaultlineError USAGE with all problems at once, each with its place in the script.
 */
export function scriptFiles(scenario: Scenario): Script | undefined {
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

function readScript({ load, source }: Scenario): { read?: Script; problems: readonly ScriptProblem[] } {
  if (load.script === undefined) return { problems: [] };
  const folder = resolve(dirname(source.file));
  const main = relative(folder, resolve(folder, load.script)).split(sep).join('/');
  const reader = new ScriptReader(folder, { main, pods: load.engine === 'k6-operator' });
  reader.readAll(load.script);
  const { files, modules, problems } = reader;
  return { read: { main, files, modules }, problems };
}
