// What somebody gets who installs the package: packs it, installs it in an empty folder, goes the way of the README there
// (init, validate, run), and compiles and runs a spec in a strict TypeScript project. Needs a registry.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const FIRST_RUN_MS = 120_000;
/** Built for specs and benchmarks alone; Go's tests, too. */
const NOT_SHIPPED = /(^|\/)testing\/|\.(test|k6test|labtest|bench|check)\.[a-z.]+$|_test\.go$/;

const folder = mkdtempSync(join(tmpdir(), 'faultline-package-'));
const root = resolve('.');
// What npm says of this project to its scripts is not what it says in a folder of somebody else.
const outside = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));

function run(program, args, cwd, options = {}) {
  console.error(`$ ${program} ${args.join(' ')}`);
  return execFileSync(program, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: outside,
    ...options,
  });
}

function must(holds, what) {
  if (!holds) throw new Error(what);
}

/** The packed file, and a look at what is in it. */
function pack() {
  const [packed] = Object.values(
    JSON.parse(run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], root)),
  );
  const files = packed.files.map(({ path }) => path);
  const left = files.filter((file) => NOT_SHIPPED.test(file));
  must(left.length === 0, `the package holds what only tests use: ${left.join(', ')}`);
  const text = readFileSync('README.md', 'utf8');
  const linked = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, file]) => file);
  const dead = linked.filter(
    (file) => !files.some((one) => one === file || one.startsWith(`${file}/`)) && !isOfClone(file),
  );
  must(dead.length === 0, `README.md links to what the package does not hold: ${dead.join(', ')}`);
  return join(folder, packed.filename);
}

/** Where the sources are linked to, npm's page leads to the repository. */
const isOfClone = (file) => file.startsWith('src/') || file === 'src';

/** The commands of the README's first screen, as they stand there. */
function firstCommands() {
  const [, block] = /^<!-- run: package -->\n```sh\n([\s\S]*?)```/m.exec(readFileSync('README.md', 'utf8'));
  return block.split('\n').flatMap((line) => (line === '' ? [] : [line.replace(/\s+# .*/, '')]));
}

function firstRun(tarball) {
  const cwd = join(folder, 'empty');
  mkdirSync(cwd);
  cpSync(tarball, join(cwd, basename(tarball)));
  const begun = Date.now();
  const said = firstCommands().map((line) => run('sh', ['-c', line], cwd));
  console.error(said.at(-1).trimEnd().split('\n').at(-1));
  const took = Date.now() - begun;
  must(took < FIRST_RUN_MS, `from an empty folder to a verdict took ${took} ms`);
  console.error(`from an empty folder to a verdict: ${Math.round(took / 1000)} s`);
}

/** As the README has it, in the strictest project that there is. */
function typed(tarball) {
  const cwd = join(folder, 'typed');
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ name: 'typed', private: true, type: 'module' }));
  run('npm', ['install', '--no-audit', '--no-fund', tarball], cwd);
  const [, spec] = /```ts\n(import \{ expect, use \} from 'chai';\n[\s\S]*?)```/.exec(
    readFileSync('README.md', 'utf8'),
  );
  writeFileSync(
    join(cwd, 'spec.ts'),
    `declare function it(title: string, body: (this: { timeout(ms: string): void }) => Promise<void>): void;\n${spec}`,
  );
  const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '..', 'bin', 'tsc');
  const node = { module: 'nodenext', lib: ['es2024'], types: ['node'] };
  const bundler = { module: 'esnext', moduleResolution: 'bundler', types: [] };
  for (const kind of [node, bundler]) {
    const compilerOptions = {
      ...{ ...kind, target: 'es2024', strict: true, skipLibCheck: false, noEmit: true },
      ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, noImplicitOverride: true },
    };
    writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['spec.ts'] }));
    run(process.execPath, [tsc], cwd, { stdio: ['ignore', 'inherit', 'inherit'] });
  }
}

try {
  const tarball = pack();
  typed(tarball);
  firstRun(tarball);
} catch (error) {
  console.error(`test:package failed: ${error.message}\n${error.stdout ?? ''}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
