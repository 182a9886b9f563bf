// What needs root and a real lab: builds it (or finds it built), then runs the specs that start and break it. Exit 3 where
// this machine cannot: it is no failure of the specs. An argument names the folder of src/lab whose specs are run.
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';

const CANNOT = 3;
const [, , part] = process.argv;
const specs = globSync(part === undefined ? 'src/**/*.labtest.ts' : `src/lab/${part}/*.labtest.ts`).sort();

function node(args) {
  const options = ['--disable-warning=ExperimentalWarning', ...args];
  console.error(`$ node ${args.join(' ')}`);
  execFileSync(process.execPath, options, { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** What keeps this machine from running the specs, one line each. */
function missing() {
  const found = [];
  if (process.platform !== 'linux') found.push(`Linux: this is ${process.platform}`);
  else if (process.getuid() !== 0)
    found.push('root: run it as root, on a machine or in a container with all capabilities');
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
  } catch {
    found.push('Go: install it from https://go.dev/dl');
  }
  return found;
}

const lacks = missing();
if (lacks.length > 0) {
  console.error(`test:lab cannot run here. Missing:\n${lacks.map((line) => `  ${line}`).join('\n')}`);
  process.exit(CANNOT);
}
try {
  node(['src/cli/main.ts', 'lab', 'build']);
  node(['node_modules/mocha/bin/mocha.js', ...specs]);
} catch (error) {
  console.error(`test:lab failed: ${error.message}`);
  process.exitCode = error.status === CANNOT ? CANNOT : 1;
}
