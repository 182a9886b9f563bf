import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ScriptFiles } from '../../../model/engine.ts';
import { SCRIPT_MODULE } from '../../../model/scenario.ts';
import { ENTRY } from './staged-names.ts';

/** k6 options of a script that stay its own; everything about the load is the scenario's. */
const OWN_OPTIONS = [
  'insecureSkipTLSVerify',
  'tlsAuth',
  'tlsCipherSuites',
  'tlsVersion',
  'userAgent',
  'setupTimeout',
  'teardownTimeout',
];

/** The script of the harness itself: each path's request, as the scenario words it. */
export async function ownScript(): Promise<ScriptFiles> {
  return { main: 'requests.ts', files: new Map([['requests.ts', await source('requests')]]) };
}

/** Every file of a run but its configuration: those of the script, and the harness's own module and entry beside it. */
export async function stagedFiles({ main, files }: ScriptFiles): Promise<Map<string, string>> {
  const module = posix.join(posix.dirname(main), SCRIPT_MODULE);
  return new Map([...files, [module, await scriptModule()], [ENTRY, entryText(main, module)]]);
}

/** Writes files below a folder. */
export async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, text] of files) {
    const file = join(folder, ...name.split('/'));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** The text of the module that scripts import. */
export function scriptModule(): Promise<string> {
  return source('faultline');
}

/** The text of a script for k6, which reads TypeScript; the built package has these sources, too. */
function source(name: string): Promise<string> {
  return readFile(fileURLToPath(new URL(`../scripts/${name}.ts`, import.meta.url)), 'utf8');
}

/** Runs a script's functions, each iteration marked where it begins. */
function entryText(main: string, module: string): string {
  const text = (name: string) => JSON.stringify(name);
  return `import { begin, options as planned } from ${text(`./${module}`)};
import * as script from ${text(`./${main}`)};

const own = {};
for (const name of ${JSON.stringify(OWN_OPTIONS)}) {
  if (script.options && script.options[name] !== undefined) own[name] = script.options[name];
}
export const options = { ...own, ...planned };
if (typeof script.default !== 'function') throw new Error(${text(`${main} has no default function`)});
export function setup() {
  return script.setup ? script.setup() : undefined;
}
export function send(data) {
  begin();
  return script.default(data);
}
export function teardown(data) {
  if (script.teardown) script.teardown(data);
}
`;
}
