#!/usr/bin/env node
// Starts faultline on a Node.js that can run it: this one, or the one that npm has installed beside the project.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const built = [join(here, 'main.js'), join(here, '../../dist/src/cli/main.js')].find((file) => existsSync(file));
const source = join(here, 'main.ts');
const entry = existsSync(source) ? source : built;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 19)) {
  // Two thirds of what a start costs is compiling. In the user's own cache folder, where nobody else can plant code.
  const { XDG_CACHE_HOME, HOME, NODE_COMPILE_CACHE } = process.env;
  const base = XDG_CACHE_HOME || HOME;
  if (base && existsSync(base) && NODE_COMPILE_CACHE === undefined) {
    module.enableCompileCache(join(base, XDG_CACHE_HOME ? '' : '.cache', 'faultline', 'compiled'));
  }
  await import(pathToFileURL(entry).href);
} else {
  const own = join(here, '../../node_modules/node/bin/node');
  if (!existsSync(own)) {
    process.stderr.write(`faultline needs Node.js 22.19 or newer; this is ${process.version}. In a clone: npm ci\n`);
    process.exit(2);
  }
  const child = spawn(own, ['--disable-warning=ExperimentalWarning', entry, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // Whatever would end this process is the other one's to hear: it has faults to undo.
  const ending = 'HUP INT QUIT TRAP ABRT USR1 USR2 ALRM TERM STKFLT XCPU VTALRM IO PWR SYS';
  for (const name of ending.split(' ')) process.on(`SIG${name}`, () => child.kill(`SIG${name}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
