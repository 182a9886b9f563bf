import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FaultlineError } from '../../../model/errors.ts';
import type { BuildProbes } from '../../needs.ts';
import type { Machine } from '../build.ts';
import type { Command } from '../command.ts';

/** A machine that lacks nothing. */
export const GOOD_PROBES: BuildProbes = {
  platform: 'linux-x64',
  go: 'go1.26.8',
  pip: 'pip 23.2.1',
  busybox: 'static',
  iptables: true,
  free: 100 * 1024 ** 3,
};

/** What a release of Kubernetes says in its go.mod, as far as it matters. */
export const UPSTREAM = {
  Go: '1.25.0',
  Require: [
    { Path: 'github.com/spf13/cobra', Version: 'v1.10.2' },
    { Path: 'k8s.io/api', Version: 'v0.0.0' },
    { Path: 'k8s.io/client-go', Version: 'v0.0.0' },
  ],
};

/** A machine whose commands write small files instead of compiling. */
export type FakeMachine = Machine & {
  readonly commands: Command[];
  /** The step of each command. */
  readonly steps: string[];
  /** The command (from 1) that is cut off in its middle. */
  killAt: number | undefined;
};

/** Makes one whose cache and whose own files lie in the folder. */
export async function fakeMachine(folder: string): Promise<FakeMachine> {
  const own = (name: string): string => join(folder, 'host', name);
  for (const name of ['busybox', 'xtables', 'libxt_tcp.so', 'libc.so.6']) await put(own(name), name);
  await put(own('istio/VERSION'), '1.31\n');
  await put(own('istio/tools/packaging/common/envoy_bootstrap.json'), '{}');
  const machine: FakeMachine = {
    env: { XDG_CACHE_HOME: join(folder, 'cache') },
    commands: [],
    steps: [],
    killAt: undefined,
    probe: async () => GOOD_PROBES,
    run: async (command, log) => {
      machine.commands.push(command);
      machine.steps.push(basename(log, '.log'));
      const killed = machine.commands.length === machine.killAt;
      const answer = await act(command, own('istio'), killed ? 'half' : 'whole');
      if (killed) throw new FaultlineError('LAB', 'the build was stopped');
      return answer;
    },
    host: {
      busybox: own('busybox'),
      xtables: own('xtables'),
      xtablesExtensions: async () => [own('libxt_tcp.so')],
      libraries: async () => [own('libc.so.6')],
    },
  };
  return machine;
}

async function act({ program, args, cwd }: Command, istio: string, text: string): Promise<string> {
  const [verb, second] = args;
  if (program === 'python3') await put(join(cwd, 'wheel/envoy/_bin/envoy'), text);
  if (verb === 'build') await put(args[args.indexOf('-o') + 1] ?? '', text);
  if (second === 'tidy') await put(join(cwd, 'go.sum'), text);
  if (second === 'download') return JSON.stringify({ Dir: istio, GoMod: 'upstream.mod' });
  return second === 'edit' ? JSON.stringify(UPSTREAM) : '';
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
