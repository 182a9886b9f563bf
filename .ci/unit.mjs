// Runs the specs: first those that only compute, on both cores; then the drills of the command line, with more that mostly
// waits, beside all the others, whose output comes when it is whole. Both lanes take about as long; a third one makes the
// drills stand still.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

// Processes by the hundred start from the same sources.
process.env.NODE_COMPILE_CACHE ??= resolve('node_modules/.cache/compiled');

const MOCHA = 'node_modules/mocha/bin/mocha.js';
const COMPUTING = 'src/{analysis,stats,scenario,predict,faults,run}/**/!(sandbox).test.ts';
const WAITING = ['src/{app,cli,load/k6}/**/*.test.ts', '.github/**/*.test.ts'];

function mocha(args, stdio) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [MOCHA, ...args], { stdio: ['ignore', stdio, stdio] });
    const text = [];
    child.stdout?.on('data', (chunk) => text.push(chunk));
    child.stderr?.on('data', (chunk) => text.push(chunk));
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(text));
      done(code === 0);
    });
  });
}

const ok = (await mocha(['--parallel', '--jobs', '2', COMPUTING], 'inherit'))
  ? await Promise.all([
      mocha(WAITING, 'inherit'),
      mocha([...[COMPUTING, ...WAITING].flatMap((glob) => ['--ignore', glob]), 'src/**/*.test.ts'], 'pipe'),
    ])
  : [false];
process.exitCode = ok.every(Boolean) ? 0 : 1;
