import { type Command, Option, type OptionValues } from 'commander';

/** What a command writes to stdout, where it has a choice. */
export const outputOption = (...more: readonly string[]) =>
  new Option('-o, --output <format>', 'what stdout carries').choices(['text', 'json', ...more]).default('text');

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
