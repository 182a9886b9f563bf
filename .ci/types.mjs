// Checks the types of the tree, and those of the package as it is built; both at once.
import { spawn } from 'node:child_process';

const TSC = 'node_modules/typescript/bin/tsc';

function tsc(...args) {
  const child = spawn(process.execPath, [TSC, ...args], { stdio: 'inherit' });
  return new Promise((done) => child.on('close', (code) => done(code === 0)));
}

const ok = await Promise.all([tsc(), tsc('-p', '.ci/tsconfig.build.json', '--noEmit')]);
process.exitCode = ok.every(Boolean) ? 0 : 1;
