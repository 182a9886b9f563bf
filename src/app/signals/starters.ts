import { readFileSync } from 'node:fs';

/** A process as the kernel tells of it. */
type Process = { readonly parent: number; readonly group: number; readonly began: string; readonly name: string };

/** Reads one process; undefined where it is gone, or where nothing can be read of processes. */
export type ReadProcess = (pid: number) => Process | undefined;

/** A chain of starters is a shell, npx and another shell; a longer one is no command line. */
const LONGEST = 16;
/** How often they are looked at, in milliseconds: GitHub leaves 2.5 s from the end of the starter to that of all. */
const LOOK_MS = 250;

type Starter = { readonly pid: number } & Process;

/**
 * The processes that have started this one and belong to the same job (POSIX: the same process group): npx, its shell, a
 * script. The terminal's own shell leads a job of its own and may end, as after `nohup faultline run ... &`.
 */
export function startersOf(pid: number, read: ReadProcess): Starter[] {
  const starters: Starter[] = [];
  const own = read(pid);
  for (let at = own?.parent ?? 0; at > 1 && starters.length < LONGEST; ) {
    const found = read(at);
    if (found === undefined || found.group !== own?.group) break;
    starters.push({ pid: at, ...found });
    at = found.parent;
  }
  return starters;
}

/** The name of the first of them that is gone, or whose number is another process's by now. */
export function goneOf(starters: readonly Starter[], read: ReadProcess): string | undefined {
  return starters.find(({ pid, began }) => read(pid)?.began !== began)?.name;
}

/**
 * Calls back once when one of the processes that have started this one ends before it: npx and shells end at a signal and
 * hand none on. Returns what ends the watch. Does nothing where the system has no /proc.
 */
export function watchStarters(onGone: (name: string) => void): () => void {
  const starters = startersOf(process.pid, readProcess);
  const timer = setInterval(() => {
    const gone = goneOf(starters, readProcess);
    if (gone === undefined) return;
    clearInterval(timer);
    onGone(gone);
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** From proc(5): after the name in parentheses come state, parent, group, and as the 20th the start in ticks. */
function readProcess(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    const [state, parent, group] = fields;
    if (state === 'Z') return undefined;
    const name = stat.slice(stat.indexOf('(') + 1, end);
    return { parent: Number(parent), group: Number(group), began: fields[19] ?? '', name };
  } catch {
    return undefined;
  }
}
