import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Prints the CPU time of the process that loads it, in microseconds, when it ends. */
const METER = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => { const { user, system } = process.cpuUsage(); process.stderr.write('\\ncpu ' + (user + system)); })",
)}`;

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const ROUNDS = 5;

/** Median CPU seconds of a Node.js process over some rounds. */
function cpuSeconds(args: readonly string[]): number {
  const seconds = Array.from({ length: ROUNDS }, () => {
    const all = ['--disable-warning=ExperimentalWarning', '--import', METER, ...args];
    const { stderr, status } = spawnSync(process.execPath, all, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
    return Number(/cpu (\d+)$/.exec(stderr)?.[1]) / 1e6;
  });
  return seconds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}

const bare = cpuSeconds(['--eval', '0']);
const scenario = fileURLToPath(new URL('../../scenarios/service-failover.yaml', import.meta.url));
const cases = [
  { name: '--help', args: [MAIN, '--help'], goal: 0.3 },
  { name: 'validate of 100 files', args: [MAIN, 'validate', ...Array.from({ length: 100 }, () => scenario)], goal: 1 },
];

process.stdout.write(`cli: an empty Node.js process ${bare.toFixed(2)} s of CPU\n`);
for (const { name, args, goal } of cases) {
  const cpu = cpuSeconds(args);
  const verdict = cpu <= goal ? 'met' : 'MISSED';
  process.stdout.write(
    `cli: ${name} ${cpu.toFixed(2)} s of CPU, ${(cpu / bare).toFixed(1)} x empty, goal ${goal} s: ${verdict}\n`,
  );
}
