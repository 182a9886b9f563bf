import { type Command, Option, type OptionValues } from 'commander';
import { DEFAULT_TOPOLOGY, TOPOLOGIES } from '../topologies/index.ts';

/** What a command writes to stdout, where it has a choice. */
export const outputOption = (...more: readonly string[]) =>
  new Option('-o, --output <format>', 'what stdout carries').choices(['text', 'json', ...more]).default('text');

/** How a sandbox or a lab is laid out. */
export const topologyOption = () =>
  new Option('--topology <name>', 'how clusters, regions and zones are laid out')
    .choices(TOPOLOGIES.map(({ name }) => name))
    .default(DEFAULT_TOPOLOGY.name);

/** Wires a command to its module, which is only loaded when the command is used. */
export function act<T extends OptionValues>(
  load: () => Promise<(args: readonly string[], options: T) => Promise<number>>,
) {
  return async (...all: unknown[]): Promise<void> => {
    const command = all.pop() as Command;
    const options = command.optsWithGlobals<T>();
    const args = command.args;
    const run = await load();
    process.exitCode = await run(args, options);
  };
}
