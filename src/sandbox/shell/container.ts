import type { Clock } from '../../model/ports.ts';
import { WrittenLog } from '../api/container-log.ts';
import type { ExecAnswer } from '../api/context.ts';
import { type JsonMap, listOf, mapsOf, stringOf } from '../api/json.ts';
import type { PacketFilters } from '../nodes/packet-filter.ts';
import { ContainerUse, type PodLoad } from '../nodes/pod-load.ts';
import type { Machine } from './machine.ts';
import { runProgram } from './programs.ts';
import { Shell } from './shell.ts';

/** Where a container writes what its status says at its end. */
const TERMINATION_LOG = '/dev/termination-log';
const KILLED = 137;

/** What a container sees of its pod. */
type PodView = {
  readonly ip: string;
  readonly gateway: string;
  readonly filters: PacketFilters;
  readonly load: PodLoad;
  /** What the pod may use of CPU, in cores; undefined where it has no limit. */
  readonly cpuLimit?: number | undefined;
  /** What the pod may hold of memory, in bytes; undefined where it has no limit. */
  readonly memoryLimit?: number | undefined;
  /** Ends the container among whose processes it runs; undefined where it has processes of its own only. */
  readonly endTarget?: (() => boolean) | undefined;
};

/** A running container whose command is a shell's script, or a program that ends at once. */
export class ShellContainer {
  readonly log = new WrittenLog();
  readonly #machine: Machine;
  readonly #killed = new AbortController();

  constructor(clock: Clock, { ip, gateway, filters, load, cpuLimit, memoryLimit, endTarget }: PodView) {
    this.#machine = {
      clock,
      filter: filters.of(ip),
      gateway,
      endTarget,
      use: new ContainerUse(clock, load, cpuLimit),
      // Of what is in the pod the kernel rates a container highest that has asked for nothing.
      onHeld: (bytes) => void (bytes > (memoryLimit ?? Number.POSITIVE_INFINITY) && this.kill()),
      files: new Map(),
      processes: new Map(),
      pids: { last: 0 },
      killed: this.#killed.signal,
      onRules: () => filters.changed.fire(),
    };
  }

  /** Runs the container's own command to its end; what it writes is its log. Resolves to its exit code. */
  async run(container: JsonMap): Promise<number> {
    const write = (text: string) => this.log.write(text);
    const code = await this.#run(commandOf(container), write, write);
    this.log.end();
    return this.#killed.signal.aborted ? KILLED : code;
  }

  /** Runs a command beside it, as `kubectl exec` does. One that is still running when the container ends is killed. */
  async exec(command: readonly string[]): Promise<ExecAnswer> {
    let [stdout, stderr] = ['', ''];
    const code = await this.#run(
      command,
      (text) => {
        stdout += text;
      },
      (text) => {
        stderr += text;
      },
    );
    return { code, stdout, stderr };
  }

  get terminationMessage(): string {
    return this.#machine.files.get(TERMINATION_LOG) ?? '';
  }

  /** Ends it at once. */
  kill(): void {
    this.#killed.abort();
  }

  async #run(
    command: readonly string[],
    write: (text: string) => void,
    complain: (text: string) => void,
  ): Promise<number> {
    const [program = '', flag, script, , ...args] = command;
    if (/(^|\/)sh$/.test(program) && flag === '-c') {
      return new Shell(this.#machine, write, complain).run(script ?? '', args);
    }
    if (program === 'sleep') return new Shell(this.#machine, write, complain).run(command.join(' '), []);
    const { code, output, error } = runProgram(command, this.#machine);
    if (output !== '') write(output);
    if (error !== '') complain(error);
    return code;
  }
}

/** The command with the container's variables: `$(NAME)` where the name is known, and `$$` for `$` (Kubernetes: Container.command). */
function commandOf(container: JsonMap): string[] {
  const variables = new Map(mapsOf(container.env).map(({ name, value }) => [stringOf(name), stringOf(value)]));
  const expand = (text: string): string =>
    text.replace(/\$\$|\$\(([A-Za-z_][\w.-]*)\)/g, (all, name?: string) =>
      name === undefined ? '$' : (variables.get(name) ?? all),
    );
  return [...listOf(container.command), ...listOf(container.args)].map((word) => expand(String(word)));
}
