import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Micros } from '../../../model/units.ts';

/** Linux counts CPU time in hundredths of a second. */
const TICK: Micros = 10_000;

/**
 * Measures which share of this machine a process uses: each call gives that since the call before, 0 to 1. Undefined on
 * the first call, after the end of the process and where there is no /proc.
 */
export function cpuMeter(pid: number, now: () => Micros): () => Promise<number | undefined> {
  let last: { used: Micros; at: Micros } | undefined;
  return async () => {
    const used = await cpuTime(pid);
    if (used === undefined) return undefined;
    const before = last;
    last = { used, at: now() };
    if (before === undefined || last.at <= before.at) return undefined;
    return (used - before.used) / (last.at - before.at) / availableParallelism();
  };
}

/** CPU time a process has used, all threads; undefined where that cannot be known. */
export async function cpuTime(pid: number): Promise<Micros | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The name of the program stands in parentheses and can have spaces; user and system time are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}
