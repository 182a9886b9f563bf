import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Group and command line of a process; undefined when it is gone, or waits to be reaped. */
function look(pid: string): { group: number; command: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return state === 'Z' ? undefined : { group: Number(group), command };
  } catch {
    return undefined;
  }
}

/** Processes that end the one with this id when the harness is gone, and what they have started; none without /proc. */
export function reapers(pid: number): number[] {
  const all = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  const seen = all.map((id) => ({ id: Number(id), ...look(id) }));
  const groups = seen.filter(({ command }) => command?.includes(`\0sh\0${pid}\0`)).map(({ group }) => group);
  return seen.filter(({ group }) => group !== undefined && groups.includes(group)).map(({ id }) => id);
}
