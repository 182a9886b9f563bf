/** Text that a shell takes as it is. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/** One argument, quoted so that every POSIX shell hands it over as it is. */
export function shellQuoted(argument: string): string {
  return PLAIN.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
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
