import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { type CgroupTrees, groupFolders, makeGroup } from './cgroups.ts';
import { processFigures } from './proc.ts';
import { type Command, ENVIRONMENT } from './run.ts';
import type { Start, StateFile } from './state.ts';

/** A program that runs for as long as the lab does. */
export type Daemon = Start & {
  /** Also the name of its log. */
  readonly name: string;
  /** A program of ours, which is told things over a channel. */
  readonly channel?: true;
};

export type Started = {
  readonly name: string;
  readonly pid: number;
  readonly log: string;
  readonly child: ChildProcess;
  alive(): boolean;
  /** The last lines of its log. */
  lastWords(): string;
};

/** Joins its cgroups before it becomes the program, so that no process of the lab is ever outside of them. */
const JOIN = 'while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs" || exit; shift; done; shift; exec "$@"';

/** Starts daemons and writes down each before and after. */
export class Daemons {
  readonly #folder: string;
  readonly #trees: CgroupTrees;
  readonly #state: StateFile;

  constructor(options: { folder: string; trees: CgroupTrees; state: StateFile }) {
    this.#folder = options.folder;
    this.#trees = options.trees;
    this.#state = options.state;
    mkdirSync(join(this.#folder, 'log'), { recursive: true, mode: 0o700 });
  }

  /** Resolves when the program runs, which says nothing of whether it works yet. Rejects with LAB. */
  async start(daemon: Daemon): Promise<Started> {
    const { name } = daemon;
    this.group(daemon.group);
    const { group, command, path } = daemon;
    const how = { group, command, ...(path === undefined ? {} : { path }) };
    this.#state.add({ kind: 'starting', name, how });
    const log = join(this.#folder, 'log', `${name}.log`);
    const output = openSync(log, 'a', 0o600);
    try {
      const child = await detached(this.joined(daemon), daemon, output);
      const pid = child.pid ?? 0;
      const started = processFigures(pid)?.started ?? 0;
      this.#state.add({ kind: 'process', name, pid, started });
      const alive = () => processFigures(pid)?.started === started;
      return { name, pid, log, child, alive, lastWords: () => lastLines(log) };
    } catch (error) {
      throw new FaultlineError('LAB', `${name} cannot be started: ${messageOf(error)}`, { cause: error });
    } finally {
      closeSync(output);
    }
  }

  /** Makes a group of cgroups. */
  group(name: string): void {
    this.#state.add({ kind: 'group', name });
    makeGroup(this.#trees, name);
  }

  /** The command that joins the cgroups of a daemon first. */
  joined({ group, command }: Pick<Daemon, 'group' | 'command'>): Command {
    return ['sh', '-c', JOIN, 'sh', ...groupFolders(this.#trees, group), '--', ...command];
  }
}

function detached([program, ...args]: Command, { path = [], channel }: Daemon, output: number): Promise<ChildProcess> {
  const env = { ...ENVIRONMENT, PATH: [...path, ENVIRONMENT.PATH].join(':') };
  const stdio = ['ignore' as const, output, output, ...(channel ? (['ipc'] as const) : [])];
  const child = spawn(program, args, { detached: true, env, cwd: '/', stdio });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      child.unref();
      resolve(child);
    });
  });
}

const LAST_LINES = 3;

function lastLines(log: string): string {
  const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
  return lines
    .slice(-LAST_LINES)
    .map((line) => line.slice(0, 300))
    .join('\n');
}
