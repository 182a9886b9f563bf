import type { CommandResult } from './command.ts';
import { iptables } from './iptables.ts';
import type { Machine } from './machine.ts';
import { tc } from './tc.ts';

type Run = (args: readonly string[], machine: Machine) => CommandResult;

const ok = (output = ''): CommandResult => ({ code: 0, output, error: '' });
const fail = (code: number, error: string): CommandResult => ({ code, output: '', error: `${error}\n` });

/** Programs of the images that the sandbox knows; those that take time are the shell's own. */
const PROGRAMS: Readonly<Record<string, Run>> = {
  true: () => ok(),
  false: () => fail(1, ''),
  echo: (words) => ok(`${words.join(' ')}\n`),
  cat: ([file = ''], { files, use }) => {
    const text = files.get(file) ?? use.file(file);
    return text === undefined ? fail(1, `cat: ${file}: No such file or directory`) : ok(text);
  },
  date: ([format], { clock }) =>
    format === '+%s' ? ok(`${Math.floor(clock.wall().getTime() / 1000)}\n`) : fail(1, 'date: only +%s is known here'),
  ip: (args, { gateway }) => {
    if (args.slice(1).join(' ') !== 'route show default') return fail(1, 'ip: only route show default is known here');
    return ok(args[0] === '-4' ? `default via ${gateway} dev eth0\n` : '');
  },
  test,
  kill: (words, { processes, endTarget }) => {
    const pid = words.at(-1) ?? '';
    // Everything but the first process and the own one: nothing else is known here.
    if (pid === '-1') return ok();
    if (pid === '1' && endTarget !== undefined) return endTarget() ? ok() : fail(1, 'kill: 1: No such process');
    const process = processes.get(Number(pid));
    if (process === undefined) return fail(1, `kill: ${pid}: No such process`);
    process.terminate();
    return ok();
  },
  tc: (args, { filter }) => tc(filter.queues, args),
  iptables: (args, { filter, onRules }) => {
    const result = iptables(filter, args);
    onRules();
    return result;
  },
};

/** Runs a program that ends at once. */
export function runProgram([name = '', ...args]: readonly string[], machine: Machine): CommandResult {
  const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
  return program === undefined ? fail(127, `${name}: not found`) : program(args, machine);
}

function test([left = '', operator = '', right = '']: readonly string[]): CommandResult {
  const holds = (truth: boolean): CommandResult => ({ code: truth ? 0 : 1, output: '', error: '' });
  if (left === '-n') return holds(operator !== '');
  if (left === '-z') return holds(operator === '');
  if (operator === '=') return holds(left === right);
  const [a, b] = [left, right].map((word) => (/^-?\d+$/.test(word) ? Number(word) : Number.NaN));
  if (operator === '-lt' && !Number.isNaN(a) && !Number.isNaN(b)) return holds(Number(a) < Number(b));
  return fail(2, `test: ${[left, operator, right].join(' ')}: not known here`);
}
