import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FaultlineError } from '../../model/errors.ts';

/** Where the lab keeps everything: outside of any repository, on a file system that overlays can lie on. */
export const LAB_FOLDER = '/var/lib/faultline-lab';

/** Something that the lab has made, or is about to make. */
export type Made =
  /** The name of the topology that it is laid out by; the first of all. */
  | { readonly kind: 'topology'; readonly name: string }
  | { readonly kind: 'mount'; readonly path: string }
  /** A folder outside of the lab's own, empty or not made yet. */
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'namespace'; readonly name: string }
  | { readonly kind: 'group'; readonly name: string }
  /** About to be started; a crash may come before its id is known. Its cgroup tells it then. */
  | { readonly kind: 'starting'; readonly name: string; readonly how: Start }
  /** `started` is in clock ticks after the machine's start: an id that came again has another one. */
  | { readonly kind: 'process'; readonly name: string; readonly pid: number; readonly started: number }
  /** Ended on purpose. */
  | { readonly kind: 'ended'; readonly name: string }
  /** The lab is complete. */
  | { readonly kind: 'ready' };

/** How a program of the lab is started, so that one that has ended can be started again. */
export type Start = {
  /** Its cgroup, relative to the lab's own. */
  readonly group: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** Folders to look for programs in, before those of the system. */
  readonly path?: readonly string[];
};

/** What the state file says. */
export type LabState = {
  /** Start of the machine under which all of it was made: after another one nothing but files is left. */
  readonly boot: string;
  readonly made: readonly Made[];
};

const FORMAT = 1;

/** Appends to the state file, on disk before it returns. */
export class StateFile {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = pathOf(folder);
  }

  /** Begins a new file. */
  begin(boot: string): void {
    this.#write('w', { format: FORMAT, boot });
  }

  add(made: Made): void {
    this.#write('a', made);
  }

  #write(flags: 'a' | 'w', line: object): void {
    const file = openSync(this.#path, flags, 0o600);
    try {
      writeSync(file, `${JSON.stringify(line)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}

/** The state of a lab that is up or was; undefined when there is none. Throws LAB for a file of another version. */
export function readState(folder: string): LabState | undefined {
  const path = pathOf(folder);
  if (!existsSync(path)) return undefined;
  const [first, ...rest] = readFileSync(path, 'utf8').split('\n').flatMap(parseLine);
  if (first === undefined) return undefined;
  if (first.format !== FORMAT || typeof first.boot !== 'string') {
    throw new FaultlineError('LAB', `${path}: not a state file of this version of faultline`, {
      hint: 'Take the lab down with the faultline that has started it.',
    });
  }
  return { boot: first.boot, made: rest as Made[] };
}

export type RecordedProcess = Extract<Made, { kind: 'process' }>;

/** The processes that should be there: of each name the last one, save those that were ended on purpose. */
export function recordedProcesses({ made }: LabState): RecordedProcess[] {
  const last = new Map<string, RecordedProcess>();
  for (const one of made) {
    if (one.kind === 'process') last.set(one.name, one);
    if (one.kind === 'ended') last.delete(one.name);
  }
  return [...last.values()];
}

/** How the program of this name was started the last time. */
export function recordedStart({ made }: LabState, name: string): Start | undefined {
  const starts = made.flatMap((one) => (one.kind === 'starting' && one.name === name ? [one.how] : []));
  return starts.at(-1);
}

/** The last line may be torn where the machine stopped in the middle of it. */
function parseLine(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line) as Record<string, unknown>];
  } catch {
    return [];
  }
}

function pathOf(folder: string): string {
  return join(folder, 'state.ndjson');
}

/** Makes the lab's folder, for root alone: it holds keys. */
export function makeLabFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}
