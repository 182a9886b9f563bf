// How many small bugs the specs of a folder see:  node .ci/mutate.mjs src/faults [--count 200] [--seed 1]
// Takes random single mutations of its production files, runs its specs on each in copies of the tree, two at a time, and
// prints every mutation that no spec has seen with its difference. Exit 1 when fewer than nine of ten are seen.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { mutationsOf } from './mutations.mjs';

const JOBS = 2;
const WANTED = 0.9;
/** Of one spec: a busy machine must not be taken for a mutation that was seen. */
const SPEC_MS = 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const [folder = 'src/faults'] = positionals;
const isProduction = (file) => !/\.(k6)?(test|bench|check)\.ts$|\/testing\//.test(file);
const files = globSync(`${folder}/**/*.ts`).filter(isProduction).sort();
const specs = globSync(`${folder}/**/*.test.ts`).sort();

/** mulberry32: the same seed takes the same mutations. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function chosen(all, count, next) {
  const pool = [...all];
  for (let last = pool.length - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    [pool[last], pool[other]] = [pool[other], pool[last]];
  }
  return pool.slice(0, count);
}

/** A copy of the tracked tree, without its history. */
function copyTree(to) {
  const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  for (const file of tracked.split('\0').filter((name) => name !== '' && name !== 'node_modules')) {
    mkdirSync(join(to, dirname(file)), { recursive: true });
    cpSync(file, join(to, file), { force: true });
  }
  symlinkSync(resolve('node_modules'), join(to, 'node_modules'));
  return to;
}

/** Cheap specs come first, and those beside a file before others of ten times their time: they are likely to see what is wrong with it. */
function specsFor(file, costs) {
  const weight = (spec) => (costs.get(spec) ?? 0) * (dirname(spec) === dirname(file) ? 1 : 10);
  return [...specs].sort((a, b) => weight(a) - weight(b));
}

/** Runs specs until the first failure; resolves to how that ended: all passed, one did not, or they had not ended in time. */
function run(tree, order, limitMs, reporter = ['dot']) {
  const { promise, resolve: done } = Promise.withResolvers();
  const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');
  const flags = ['--bail', '--timeout', String(SPEC_MS), '--reporter', ...reporter];
  // Most of the time of a cheap spec is that of reading its sources.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(root, 'compiled') };
  const child = spawn(process.execPath, [mocha, ...flags, ...order], {
    cwd: tree,
    stdio: 'ignore',
    detached: true,
    env,
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    process.kill(-child.pid, 'SIGKILL');
  }, limitMs);
  child.on('close', (code) => {
    clearTimeout(timer);
    if (code === 0) done('passed');
    else done(isLate ? 'late' : 'failed');
  });
  return promise;
}

/** Runs all specs as they are, and returns the milliseconds of each file. */
async function costsOf(tree) {
  const output = join(tree, 'specs.json');
  const isGreen = (await run(tree, specs, 600_000, ['json', '--reporter-option', `output=${output}`])) === 'passed';
  const { tests, failures } = JSON.parse(readFileSync(output, 'utf8'));
  const red = failures.map(({ fullTitle, err }) => `${fullTitle}: ${err.message}`).join('; ');
  if (!isGreen) throw new Error(`the specs of ${folder} do not pass as they are: ${red}`);
  const costs = new Map();
  for (const { file, duration = 0 } of tests) {
    const spec = relative(tree, file);
    costs.set(spec, (costs.get(spec) ?? 0) + duration);
  }
  return costs;
}

function difference(mutation) {
  const before = mutation.before.split('\n');
  const after = mutation.after.split('\n');
  const first = before.findIndex((line, index) => line !== after[index]);
  let tail = 0;
  while (tail < before.length - first && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const lines = (mark, all) =>
    all.slice(first, Math.max(first + 1, all.length - tail)).map((line) => `    ${mark} ${line}`);
  return [...lines('-', before), ...lines('+', after)].join('\n');
}

const all = mutationsOf(files);
const mutations = chosen(all, Number(values.count), random(Number(values.seed)));
const root = mkdtempSync(join(tmpdir(), 'faultline-mutate-'));
try {
  const trees = Array.from({ length: JOBS }, (_, job) => copyTree(join(root, String(job))));
  const begin = performance.now();
  const costs = await costsOf(trees[0]);
  const limitMs = 20_000 + 2 * (performance.now() - begin);
  console.log(`${mutations.length} of ${all.length} mutations of ${files.length} files, seed ${values.seed}`);
  const survivors = [];
  let late = 0;
  const queue = [...mutations.entries()];
  const work = async (tree) => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [number, mutation] = next;
      const { file, what, line, before, after } = mutation;
      writeFileSync(join(tree, file), after);
      const end = await run(tree, specsFor(file, costs), limitMs);
      writeFileSync(join(tree, file), before);
      const word = { passed: 'SURVIVED', failed: 'killed', late: 'killed, as its specs do not end' }[end];
      console.log(`${number + 1} ${word} ${what} ${file}:${line}`);
      if (end === 'late') late++;
      if (end === 'passed') survivors.push(`${file}:${line} ${what}\n${difference(mutation)}`);
    }
  };
  await Promise.all(trees.map(work));
  const killed = mutations.length - survivors.length;
  console.log(
    `\n${survivors.join('\n\n')}\n\nkilled ${killed} of ${mutations.length}, ${late} of them since their specs do not end`,
  );
  process.exitCode = killed / mutations.length >= WANTED ? 0 : 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}
