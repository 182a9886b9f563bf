import { readFileSync } from 'node:fs';

/** A process as the kernel tells of it. */
type Process = { readonly parent: number; readonly group: number; readonly began: string; readonly name: string };

/** Reads one process: whether it is there, or `unread` where nobody can tell. */
export type ReadProcess = (pid: number) => Process | 'gone' | 'unread';

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
  if (typeof own === 'string') return starters;
  for (let at = own.parent; at > 1 && starters.length < LONGEST; ) {
    const found = read(at);
    if (typeof found === 'string' || found.group !== own.group) break;
    starters.push({ pid: at, ...found });
    at = found.parent;
  }
  return starters;
}

/** The name of the first of them that is gone, or whose number is another process's by now; one of which nobody can tell is not. */
export function goneOf(starters: readonly Starter[], read: ReadProcess): string | undefined {
  const isGone = ({ pid, began }: Starter): boolean => {
    const found = read(pid);
    return found === 'gone' || (found !== 'unread' && found.began !== began);
  };
  return starters.find(isGone)?.name;
}

/**
 * Calls back once when one of the processes that have started this one ends before it: npx and shells end at a signal and
 * hand none on. Returns what ends the watch. Does nothing where the system has no /proc.
 */
export function watchStarters(onGone: (name: string) => void): () => void {
  const starters = startersOf(process.pid, (pid) => readProcess(pid));
  const timer = setInterval(() => {
    const gone = goneOf(starters, (pid) => readProcess(pid));
    if (gone === undefined) return;
    clearInterval(timer);
    onGone(gone);
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** No such process, and one that has ended while it was read. Any other error, as of too many open files, says nothing of it. */
const GONE: readonly unknown[] = ['ENOENT', 'ESRCH'];

/** From proc(5): after the name in parentheses come state, parent, group, and as the 20th the start in ticks. */
export function readProcess(pid: number, readFile = (path: string): string => readFileSync(path, 'utf8')) {
  try {
    const stat = readFile(`/proc/${pid}/stat`);
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    const [state, parent, group] = fields;
    if (state === 'Z') return 'gone';
    const name = stat.slice(stat.indexOf('(') + 1, end);
    return { parent: Number(parent), group: Number(group), began: fields[19] ?? '', name };
  } catch (error) {
    return GONE.includes((error as NodeJS.ErrnoException).code) ? 'gone' : 'unread';
  }
}
