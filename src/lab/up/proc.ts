import { readdirSync, readFileSync } from 'node:fs';

/** What /proc says of a process. Times are in clock ticks, hundredths of a second for every Linux program. */
type ProcessFigures = { readonly started: number; readonly cpuTicks: number };

/** Reads the line of /proc/PID/stat; the name in brackets may hold anything, brackets and spaces too. */
export function parseStat(text: string): ProcessFigures {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return { started: field(22), cpuTicks: field(14) + field(15) };
}

/** Undefined when there is no such process. A dead one that nobody has fetched yet is none. */
export function processFigures(pid: number): ProcessFigures | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).startsWith('Z') ? undefined : parseStat(text);
  } catch {
    return undefined;
  }
}

/** Resident memory in bytes, of /proc/PID/status; 0 for a process that is gone. What several share is counted for each. */
export function residentBytes(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** The name of the program that a process runs, its first 15 characters; undefined for one that is gone. */
export function programName(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** The children of a process. */
export function childrenOf(pid: number): number[] {
  try {
    return numbers(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
  } catch {
    return [];
  }
}

/** The numbers of a text, one a word. */
export function numbers(text: string): number[] {
  return text.split(/\s+/).filter(Boolean).map(Number);
}

/** Changes with every start of the machine. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

export type Mount = { readonly point: string; readonly type: string; readonly options: readonly string[] };

/** Reads /proc/self/mountinfo (proc_pid_mountinfo(5)): spaces and the like in paths are octal there. */
export function parseMounts(text: string): Mount[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      const point = (before.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, octal) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      );
      const [type = '', , options = ''] = after.split(' ');
      return { point, type, options: options.split(',') };
    });
}

export function mounts(): Mount[] {
  return parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** The names in a folder; none when it does not exist. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
