import { visiblyQuoted } from './visible.ts';

/** Text that a shell takes as it is; at the start of a line a CI system obeys what begins with `::`. */
const PLAIN = /^(?!::)[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/** One argument, quoted so that every POSIX shell hands it over as it is, and so that it stays as it is wherever it is printed. */
export function shellQuoted(argument: string): string {
  return PLAIN.test(argument) ? argument : visiblyQuoted(argument);
}

/** A command with its arguments, to be pasted into a shell. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellQuoted).join(' ');
}

/** The command that repeats a run. */
export function repeatCommand(file: string, target: string, settings: readonly string[], noDeadMan = false): string {
  const set = settings.flatMap((setting) => ['--set', setting]);
  const without = noDeadMan ? ['--no-dead-man'] : [];
  return shellCommand(['faultline', 'run', file, '--target', target, ...set, ...without]);
}
