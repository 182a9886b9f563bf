import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, matchesGlob, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

type Rule = { readonly folders: readonly string[]; readonly packages: readonly string[] };

const EVERYTHING = ['*'];

/** What each folder may import: other folders of src, and packages. Node's own modules are free except where said. */
const RULES: Readonly<Record<string, Rule>> = {
  model: { folders: [], packages: [] },
  // How a part of a file is described: by whoever owns that part, an objective its clause, and read by scenario.
  schema: { folders: ['model'], packages: [] },
  scenario: { folders: ['model', 'schema', 'stats'], packages: ['yaml', 'node:os'] },
  stats: { folders: [], packages: [] },
  analysis: { folders: ['model', 'schema', 'stats'], packages: [] },
  report: { folders: ['model'], packages: ['d3-scale', 'typebox'] },
  // Many runs looked at together.
  trend: { folders: ['model', 'stats', 'report'], packages: [] },
  workload: { folders: ['model'], packages: [] },
  faults: { folders: ['model', 'schema', 'workload'], packages: [] },
  mesh: { folders: ['model'], packages: ['yaml'] },
  observe: { folders: ['model', 'mesh', 'workload'], packages: [] },
  predict: { folders: ['model', 'mesh', 'workload', 'observe'], packages: [] },
  lint: { folders: ['model', 'mesh', 'observe', 'predict', 'workload'], packages: ['yaml'] },
  starter: {
    folders: ['model', 'mesh', 'faults', 'load', 'predict', 'lint', 'scenario', 'workload'],
    packages: [],
  },
  load: { folders: ['model'], packages: ['undici', 'k6'] },
  kube: { folders: ['model'], packages: ['@kubernetes/client-node', 'p-retry', 'yaml'] },
  store: { folders: ['model'], packages: [] },
  run: { folders: ['model', 'faults', 'load', 'observe', 'predict'], packages: [] },
  matrix: { folders: ['model', 'report'], packages: [] },
  assert: { folders: ['model', 'analysis'], packages: ['chai'] },
  topologies: { folders: ['model', 'mesh'], packages: [] },
  sandbox: { folders: ['model', 'mesh', 'topologies'], packages: ['yaml', 'rfc6902', 'undici'] },
  lab: { folders: ['model', 'kube', 'topologies'], packages: ['yaml'] },
  app: {
    folders: [
      'model',
      'scenario',
      'analysis',
      'report',
      'workload',
      'faults',
      'observe',
      'lint',
      'starter',
      'load',
      'kube',
      'store',
      'run',
      'topologies',
      'trend',
      'matrix',
      'sandbox',
      'lab',
      'assert',
    ],
    packages: ['acorn', 'acorn-walk', 'yaml'],
  },
  cli: { folders: EVERYTHING, packages: EVERYTHING },
};

/** Folders whose functions are pure: no file, no process, no network. */
const PURE = [
  'model',
  'stats',
  'schema',
  'scenario',
  'analysis',
  'report',
  'trend',
  'matrix',
  'mesh',
  'workload',
  'faults',
  'observe',
  'predict',
  'lint',
];
const PURE_NODE = ['node:crypto', 'node:path'];

const SRC = dirname(fileURLToPath(import.meta.url));
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)\s*import\s+'([^']+)'/g;

/** Every file, specs and their helpers too. */
const ALL = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** Those of the program. */
function sources(): string[] {
  return ALL.filter((file) => !/\.(test|k6test|labtest|bench|check)\.ts$/.test(file)).filter(
    (file) => !file.split(sep).includes('testing'),
  );
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function packageOf(name: string): string {
  const parts = name.split('/');
  return name.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? name);
}

/** The folder of src that a file is in; what stands in src itself is of the command line's kind. */
function roomOf(file: string): string {
  return file.includes(sep) ? (file.split(sep)[0] ?? '') : 'cli';
}

/** The folder of src that an import leads to. */
function roomAt(file: string, name: string): string {
  return relative(SRC, join(SRC, dirname(file), name)).split(sep)[0] ?? '';
}

/** Why an import is forbidden, or undefined. */
function forbidden(file: string, name: string): string | undefined {
  const folder = roomOf(file);
  const rule = RULES[folder];
  if (rule === undefined) return `${file}: folder ${folder} has no rule`;
  if (name.startsWith('.')) {
    const target = roomAt(file, name);
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

/** The files of src that each of these imports, types included. */
function graph(files: readonly string[]): Map<string, string[]> {
  const targets = (file: string) =>
    importsOf(file).flatMap((name) => (name.startsWith('.') ? [relative(SRC, join(SRC, dirname(file), name))] : []));
  return new Map(files.map((file) => [file, targets(file)]));
}

/** Every file that can be reached from itself, with the way; each circle once. */
function circles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file);
    if (at >= 0) found.push([...way.slice(at), file].join(' -> '));
    if (at >= 0 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}

describe('import circles', () => {
  it('are none, not of types nor of helpers of specs either: a file can be read when those it imports have been', () => {
    expect(circles(graph(ALL))).to.deep.equal([]);
  });

  it('would be seen, however long', () => {
    const edges = { a: ['b'], b: ['c', 'd'], c: ['d'], d: ['e', 'd'], e: ['b'], f: ['a'] };
    expect(circles(new Map(Object.entries(edges)))).to.deep.equal(['b -> c -> d -> e -> b', 'd -> d']);
    const all = graph(ALL);
    expect(all.get(join('run', 'plan.ts'))).to.include(join('run', 'guards', 'index.ts'));
    expect(all.get(join('run', 'plan.ts'))).to.include(join('run', 'planned-run.ts'));
    const helpers = (name: string) => join('analysis', 'testing', 'second', name);
    expect(all.get(helpers('chronicle.ts'))).to.include(helpers('telemetry.ts'));
  });
});

describe('import rule', () => {
  it('holds for every source file', () => {
    const broken = sources().flatMap((file) => importsOf(file).map((name) => forbidden(file, name)));
    expect(broken.filter((line) => line !== undefined)).to.deep.equal([]);
  });

  it('allows no more than what is used', () => {
    const used = new Set(
      sources().flatMap((file) =>
        importsOf(file).map(
          (name) => `${roomOf(file)} -> ${name.startsWith('.') ? roomAt(file, name) : packageOf(name)}`,
        ),
      ),
    );
    const allowed = Object.entries(RULES).flatMap(([room, { folders, packages }]) =>
      [...folders, ...packages].filter((to) => to !== '*').map((to) => `${room} -> ${to}`),
    );
    expect(allowed.filter((arrow) => !used.has(arrow))).to.deep.equal([]);
  });

  it('sees the imports it is about', () => {
    expect(importsOf(join('app', 'drill', 'record-run.ts'))).to.include('../../run/machine.ts');
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

/** What a function gets that is no port: clocks, luck, timers, the process, the network. */
const GLOBALS =
  /(?<![\w.$'-])(?:Date\.now|new Date\(\)|Date\(\)|Math\.random|(?:set|clear)(?:Timeout|Interval|Immediate)|AbortSignal\.timeout|process\.\w+|performance\.\w+|crypto\.\w+|fetch\(|console\.\w+|globalThis)/g;

/** Lets promises that are settled go on before imagined time does: it waits for nothing. */
const EXCEPT = [`${join('predict', 'virtual-time.ts')}: setImmediate`];

/** The globals that a text uses, but for its comments. */
function globalsIn(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*$/gm, '');
  return [...code.matchAll(GLOBALS)].map(([found]) => found);
}

describe('pure rooms', () => {
  it('read no clock, luck or environment, and set no timer, but by what they are given', () => {
    const found = sources()
      .filter((file) => PURE.includes(roomOf(file)))
      .flatMap((file) => globalsIn(readFileSync(join(SRC, file), 'utf8')).map((name) => `${file}: ${name}`));
    expect(found).to.deep.equal(EXCEPT);
  });

  it('would be caught at it', () => {
    const code = 'const at = Date.now() + performance.now(); setTimeout(f, Math.random()); fetch(process.env.X ?? "");';
    expect(globalsIn(code)).to.deep.equal([
      ...['Date.now', 'performance.now', 'setTimeout', 'Math.random', 'fetch(', 'process.env'],
    ]);
    expect(globalsIn('new Date(); // fetch(x)\n/* Date.now */ clock.fetch(1); at(new Date(wall));')).to.deep.equal([
      'new Date()',
    ]);
  });
});

/** Where a process or a thread of faultline begins. */
const ENTRIES = [
  'index.ts',
  join('cli', 'main.ts'),
  join('load', 'undici', 'worker.ts'),
  join('lab', 'up', 'balancer-process.ts'),
  join('app', 'targets', 'lab-scraped-process.ts'),
];

/** Whether the compiler puts a file into the package. */
function published(file: string): boolean {
  const config = readFileSync(join(SRC, '..', '.ci', 'tsconfig.build.json'), 'utf8');
  const { exclude } = JSON.parse(config) as { exclude: string[] };
  const globs = exclude.map((glob) => glob.replace('../src/', ''));
  return !globs.some((glob) => matchesGlob(file, glob) || matchesGlob(file, `${glob}/**`));
}

describe('the package', () => {
  it('holds nothing that no process of faultline ever reads, as what only specs use', () => {
    const edges = graph(sources());
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const next of edges.get(file) ?? []) visit(next);
    };
    for (const entry of ENTRIES) visit(entry);
    expect(ALL.filter((file) => published(file) && !reached.has(file))).to.deep.equal([]);
    expect([...reached].filter((file) => !published(file))).to.deep.equal([]);
  });

  it('leaves out what the build is told to', () => {
    const left = ['run/plan.test.ts', 'a.bench.ts', 'run/testing/virtual-clock.ts', 'load/k6/scripts/paths.ts'];
    expect(left.filter(published)).to.deep.equal([]);
    expect(['run/plan.ts', 'testing.ts', 'run/testing-plan.ts', 'load/k6/scripts.ts'].filter(published)).to.have.length(
      4,
    );
  });
});

describe('the wall', () => {
  it('keeps every file under 400 lines, those of specs and their helpers too', () => {
    const long = ALL.filter((file) => readFileSync(join(SRC, file), 'utf8').split('\n').length > 400);
    expect(long).to.deep.equal([]);
  });
});
