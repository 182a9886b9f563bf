import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

type Rule = { readonly folders: readonly string[]; readonly packages: readonly string[] };

const EVERYTHING = ['*'];

/** What each folder may import: other folders of src, and packages. Node's own modules are free except where said. */
const RULES: Readonly<Record<string, Rule>> = {
  model: { folders: [], packages: [] },
  scenario: { folders: ['model', 'stats'], packages: ['yaml', 'typebox', 'node:os'] },
  stats: { folders: [], packages: [] },
  analysis: { folders: ['model', 'stats'], packages: [] },
  report: { folders: ['model'], packages: ['d3-scale', 'typebox'] },
  faults: { folders: ['model'], packages: [] },
  mesh: { folders: ['model'], packages: [] },
  observe: { folders: ['model', 'mesh'], packages: [] },
  load: { folders: ['model'], packages: ['undici', 'k6'] },
  kube: { folders: ['model'], packages: ['@kubernetes/client-node', 'p-retry'] },
  store: { folders: ['model'], packages: [] },
  run: { folders: ['model', 'faults', 'load', 'observe', 'store'], packages: ['p-retry'] },
  assert: { folders: ['model', 'analysis'], packages: ['chai', 'mocha'] },
  sandbox: { folders: ['model', 'mesh'], packages: ['yaml', 'rfc6902', 'undici'] },
  lab: { folders: ['model', 'kube'], packages: ['yaml'] },
  cli: { folders: EVERYTHING, packages: EVERYTHING },
};

/** Folders whose functions are pure: no file, no process, no network. */
const PURE = ['model', 'stats', 'scenario', 'analysis', 'report', 'mesh', 'faults', 'observe'];
const PURE_NODE = ['node:crypto', 'node:perf_hooks', 'node:path'];

const SRC = dirname(fileURLToPath(import.meta.url));
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)\s*import\s+'([^']+)'/g;

function sources(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(test|k6test|labtest|bench|check)\.ts$/.test(file))
    .filter((file) => !file.split(sep).includes('testing') && !file.split(sep).includes('fixtures'));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function packageOf(name: string): string {
  const parts = name.split('/');
  return name.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? name);
}

/** Why an import is forbidden, or undefined. */
function forbidden(file: string, name: string): string | undefined {
  const folder = file.includes(sep) ? (file.split(sep)[0] ?? '') : 'cli';
  const rule = RULES[folder];
  if (rule === undefined) return `${file}: folder ${folder} has no rule`;
  if (name.startsWith('.')) {
    const target = relative(SRC, join(SRC, dirname(file), name)).split(sep)[0] ?? '';
    const ok = target === folder || rule.folders === EVERYTHING || rule.folders.includes(target);
    return ok ? undefined : `${file}: ${folder} may not import ${target}`;
  }
  if (name.startsWith('node:')) {
    const ok = !PURE.includes(folder) || PURE_NODE.includes(name) || rule.packages.includes(name);
    return ok ? undefined : `${file}: ${folder} is pure and may not import ${name}`;
  }
  const ok = rule.packages === EVERYTHING || rule.packages.includes(packageOf(name));
  return ok ? undefined : `${file}: ${folder} may not import ${name}`;
}

describe('import rule', () => {
  it('holds for every source file', () => {
    const broken = sources().flatMap((file) => importsOf(file).map((name) => forbidden(file, name)));
    expect(broken.filter((line) => line !== undefined)).to.deep.equal([]);
  });

  it('sees the imports it is about', () => {
    expect(importsOf(join('cli', 'run-scenario.ts'))).to.include('../run/machine.ts');
    expect(importsOf(join('cli', 'program.ts'))).to.include('./commands/run.ts');
  });

  it('would catch a wrong direction', () => {
    expect(forbidden(join('analysis', 'x.ts'), '../kube/cluster.ts')).to.equal(
      'analysis/x.ts: analysis may not import kube',
    );
    expect(forbidden(join('report', 'svg', 'x.ts'), 'node:fs')).to.contain('is pure');
    expect(forbidden(join('model', 'x.ts'), 'yaml')).to.contain('may not import yaml');
    expect(forbidden(join('run', 'x.ts'), '../kube/cluster.ts')).to.contain('may not import kube');
    expect(forbidden(join('run', 'x.ts'), '../model/fault.ts')).to.equal(undefined);
  });
});

describe('the wall', () => {
  it('keeps every file under 400 lines', () => {
    const all = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const long = all.filter((file) => readFileSync(join(SRC, file), 'utf8').split('\n').length > 400);
    expect(long).to.deep.equal([]);
  });
});
