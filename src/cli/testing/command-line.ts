import { program } from '../program.ts';

/** Why the command line knows nothing of these words, or undefined: a command, an option, or an option's choice. */
export function unknownWords(words: readonly string[]): string | undefined {
  const [name = '', ...rest] = words;
  const root = program();
  const command = root.commands.find((one) => one.name() === name);
  if (command === undefined) return rest.length === 0 && name === '--version' ? undefined : `no command ${name}`;
  const [second = '', ...others] = rest;
  const inner = command.commands.find((one) => one.name() === second);
  const flags = (inner === undefined ? rest : others).filter((word) => /^--?[a-z]/.test(word));
  const known = (inner ?? command).options.flatMap(({ long, short }) => [long, short]);
  const unknown = flags.map((flag) => flag.replace(/=.*$/s, '')).filter((flag) => !known.includes(flag));
  return unknown.length === 0 ? undefined : `${name} has no ${unknown.join(', ')}`;
}
