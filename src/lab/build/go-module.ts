import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './command.ts';
import type { Inputs, OutputOf, Step, StepName, Tools } from './step.ts';

/** Programs that are built from one Go module of ours, which pins what they are built from. */
export type GoModule = {
  readonly name: StepName;
  readonly what: string;
  /** Import path of the main package, by the name of the program. */
  readonly programs: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly ldflags?: string;
  /** Where go.mod and go.sum are; the folder of that name in src/lab/go when undefined. */
  readonly folder?: (output: OutputOf) => string;
};

/** The wrapper modules, from source and in the built package alike. */
export const GO_SOURCES: string = fileURLToPath(new URL('../go', import.meta.url));

/** Static programs of exactly the pinned modules, whatever the user's own settings for Go are. */
const GO_ENV = { CGO_ENABLED: '0', GOFLAGS: '-trimpath -buildvcs=false', GOTOOLCHAIN: 'local', GOWORK: 'off' };
const GO_HINT = 'Is the Go module proxy reachable (go env GOPROXY)? faultline lab build goes on where it was.';
const STRIPPED = '-s -w';

/** A call of the go command in a module's folder. */
export function goCommand(cwd: string, args: readonly string[]): Command {
  return { program: 'go', args, cwd, env: GO_ENV, hint: GO_HINT };
}

/** The step that builds a module's programs with this version of Go, for example `go1.26.8`. */
export function goModuleStep(module: GoModule, go: string): Step {
  return {
    name: module.name,
    what: `${module.what}: ${Object.keys(module.programs).join(', ')}`,
    inputs: (output) => goInputs(module, go, output),
    make: (folder, tools, output) => goPrograms(module, folder, tools, output),
  };
}

/** What the programs are made from: sources and pins, flags, the compiler. */
export async function goInputs(module: GoModule, go: string, output: OutputOf): Promise<Inputs> {
  const { programs, tags = [], ldflags = STRIPPED } = module;
  const recipe = JSON.stringify({ programs, tags, ldflags, env: GO_ENV, arch: process.arch });
  return { ...(await sourcesIn(folderOf(module, output))), recipe, go };
}

/** Builds each program into the folder. */
export async function goPrograms(module: GoModule, folder: string, tools: Tools, output: OutputOf): Promise<void> {
  const { programs, tags = [], ldflags = STRIPPED } = module;
  const parallel = tools.jobs === undefined ? [] : ['-p', String(tools.jobs)];
  for (const [program, path] of Object.entries(programs)) {
    const flags = [
      '-trimpath',
      '-buildvcs=false',
      '-tags',
      tags.join(),
      '-ldflags',
      ldflags,
      '-o',
      join(folder, program),
    ];
    await tools.run(goCommand(folderOf(module, output), ['build', ...parallel, ...flags, path]));
  }
}

export function folderOf(module: GoModule, output: OutputOf): string {
  return module.folder?.(output) ?? join(GO_SOURCES, module.name);
}

/** The Go sources and pins in a folder, without tests, by name. */
async function sourcesIn(folder: string): Promise<Inputs> {
  const names = (await readdir(folder)).filter((name) => /(^go\.(mod|sum)|(?<!_test)\.go)$/.test(name)).sort();
  const texts = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts));
}
