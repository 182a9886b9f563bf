// What needs root and a real lab, as one command: Go's own checks, the build, the specs that start and break a lab, the
// specs and scenarios that meet a running one, and that nothing is left. `--part running` leaves out what starts labs of its
// own, outages against the model, scenarios and kills; `--part ci` is the API and the vendor page on a lab that is built
// already; `--part differential` is the outages alone; `--part matrix` is, for each topology, a lab of its own and the
// drills of the matrix for it. Exit 3 where this machine cannot: it is no failure of the specs.
import { execFileSync, spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { labCache } from '../src/lab/build/cache.ts';
import { probeBuild } from '../src/lab/build/probes.ts';
import { buildNeeds, startNeeds } from '../src/lab/needs.ts';
import { labParts } from '../src/lab/parts.ts';
import { machineSnapshot } from '../src/lab/testing/machine-snapshot.ts';
import { probeStart } from '../src/lab/up/probes.ts';
import { LAB_FOLDER } from '../src/lab/up/state.ts';
import { labCondition } from '../src/lab/up/status.ts';
import { TOPOLOGIES } from '../src/topologies/index.ts';

const CANNOT = 3;
const GO_SOURCES = ['mock', 'pause', 'wan'].map((name) => `src/lab/go/${name}`);
/** They start labs themselves; all others find one that runs. */
const STARTING = globSync('src/lab/up/*.labtest.ts').sort();
const RUNNING = globSync('src/**/*.labtest.ts', {
  exclude: ['src/lab/up/**', 'src/lab/kills/**', 'src/lab/differential/**', 'src/lab/scenarios/**'],
}).sort();
/** What would break first, in a few minutes: the contract of the API, and the page that the lab is there for. */
const FIRST = ['src/contract/kube.labtest.ts', 'src/lab/running/vendor-page.labtest.ts'];
/** FAULTLINE_OUTAGES outages from FAULTLINE_SEED on. */
const DIFFERENTIAL = globSync('src/lab/differential/*.labtest.ts');
/** FAULTLINE_KILLS of each kind, one when it is not set. */
const KILLING = globSync('src/lab/kills/*.labtest.ts');
/** Every scenario of scenarios/, with its verdict. */
const SCENARIOS = globSync('src/lab/scenarios/*.labtest.ts');

const { values } = parseArgs({ options: { part: { type: 'string', default: 'all' } } });

let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stopped = true;
  });
}

/** Runs a program to its end. Rejects when its exit code is another than the expected one. */
async function run(program, args, { cwd = '.', code: expected = 0 } = {}) {
  console.error(`$ ${[program, ...args].join(' ')}`);
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== expected) throw new Error(`${program} ${args.join(' ')}: exit code ${code}, not ${expected}`);
}

const faultline = (args, options) =>
  run(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', ...args], options);
const mocha = (specs) => run(process.execPath, ['node_modules/mocha/bin/mocha.js', ...specs]);

/** What keeps this machine from running the specs, one line each. */
async function missing() {
  const start = await probeStart();
  const needs = [...buildNeeds(await probeBuild(labCache())), ...startNeeds(start)];
  const lacking = needs.filter(({ ok, optional }) => !ok && !optional);
  const lines = lacking.map(({ what, detail, fix }) => `${what}: ${detail}. ${fix}`);
  if (values.part === 'ci') lines.push(...(await cold()));
  if (start.root && labCondition(LAB_FOLDER).kind !== 'down') lines.push('a machine without a lab: faultline lab down');
  return lines;
}

/** Where nothing is built yet, that would take longer than all else together. */
async function cold() {
  try {
    await labParts();
    return [];
  } catch (error) {
    return [`${error.message}. ${error.hint}`];
  }
}

async function checkGo() {
  for (const cwd of GO_SOURCES) {
    const badly = execFileSync('gofmt', ['-l', '.'], { cwd, encoding: 'utf8' }).trim();
    if (badly !== '') throw new Error(`gofmt would change in ${cwd}: ${badly}`);
    await run('go', ['vet', './...'], { cwd });
    await run('go', ['test', './...'], { cwd });
  }
}

/** Throws that names what is on the machine that was not, or is not that was. */
function nothingLeft(before) {
  const after = machineSnapshot();
  const changed = Object.keys(before).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  const lines = changed.map((key) => `${key}: ${JSON.stringify(before[key])} -> ${JSON.stringify(after[key])}`);
  if (lines.length > 0) throw new Error(`the lab has changed the machine:\n${lines.join('\n')}`);
}

const GO = ['go', checkGo];
const BUILD = ['build', () => faultline(['lab', 'build'])];
const UP = ['up', () => faultline(['lab', 'up'])];
const OUTAGES = ['outages against the model', () => mocha(DIFFERENTIAL)];
const MET = ['specs of a running lab', () => mocha(RUNNING)];
const PARTS = {
  all: [
    GO,
    BUILD,
    ['labs started and broken', () => mocha(STARTING)],
    UP,
    MET,
    OUTAGES,
    ['scenarios', () => mocha(SCENARIOS)],
    ['kill -9 in mid-run', () => mocha(KILLING)],
  ],
  running: [GO, BUILD, UP, MET],
  ci: [BUILD, UP, ['the API and the vendor page', () => mocha(FIRST)]],
  differential: [BUILD, UP, OUTAGES],
  matrix: [BUILD],
};

/** Of each topology; exit code 0 is that every cell has ended as its scenario expects. */
const ROUNDS = TOPOLOGIES.map(({ name }) => {
  const asked = ['--target', 'lab', '--yes', '--out', 'reports/lab-matrix'];
  return {
    up: [`${name}: up`, () => faultline(['lab', 'up', '--topology', name])],
    matrix: [`${name}: matrix`, () => faultline(['matrix', `scenarios/topologies/${name}`, ...asked])],
    down: [`${name}: down`, () => faultline(['lab', 'down'])],
  };
});
const stages = PARTS[values.part];
if (stages === undefined) throw new Error(`--part ${values.part}: it is one of ${Object.keys(PARTS).join(', ')}`);

const lacks = await missing();
if (lacks.length > 0) {
  console.error(`test:lab cannot run here. Missing:\n${lacks.map((line) => `  ${line}`).join('\n')}`);
  process.exit(CANNOT);
}

const before = machineSnapshot();
/** They come whatever has failed before. */
const END = [
  ['down', () => faultline(['lab', 'down'])],
  ['nothing left', () => nothingLeft(before)],
];

const lines = [];
let failed = false;
async function stage([name, action]) {
  const began = performance.now();
  let outcome = 'passed';
  try {
    await action();
  } catch (error) {
    failed = true;
    outcome = 'FAILED';
    console.error(`${name}: ${error.message}`);
  }
  lines.push(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${outcome}  ${name}`);
  return outcome === 'passed';
}

/** What one topology does not come to says nothing of the next. */
async function rounds() {
  for (const { up, matrix, down } of ROUNDS) {
    if (stopped) return;
    if ((await stage(up)) && !stopped) await stage(matrix);
    await stage(down);
  }
}

for (const one of stages) if (!failed && !stopped) await stage(one);
if (values.part === 'matrix' && !failed) await rounds();
for (const one of END) await stage(one);
console.error(`test:lab${stopped ? ', stopped by a signal' : ''}\n${lines.join('\n')}`);
process.exitCode = failed || stopped ? 1 : 0;
