import type { Argument, Command, Option } from 'commander';

/** What a shell may offer at the cursor, and what it is where that is known. */
type Candidate = { readonly value: string; readonly what?: string };

/** Kinds of values that are only known where faultline is used. */
export type ValueKind =
  | 'scenario'
  | 'target'
  | 'run'
  | 'run id'
  | 'context'
  | 'folder'
  | 'file'
  | 'setting'
  | 'verdict';

/** The values of a kind that begin with what is written already. */
export type Values = (kind: ValueKind, prefix: string) => Promise<readonly string[]>;

/** By the name of an option, or what its value or an argument is called. */
const KINDS: Readonly<Record<string, ValueKind>> = {
  ...{ '--target': 'target', '--run': 'run id', '--set': 'setting', '--out': 'folder', '--dir': 'folder' },
  ...{ '--allow-protected': 'context', '--from-context': 'context', '--kubeconfig': 'file', '--armed': 'file' },
  ...{ '--baseline': 'file', '--save-baseline': 'file', '--expect': 'verdict' },
  ...{ '--apply': 'file', file: 'scenario', path: 'scenario', run: 'run' },
};

/**
 * What may come at the end of a command line. `words` are those after the program's name, the last one as far as it is
 * written (empty where a new one begins). Made from the command line itself, so that it cannot fall behind.
 */
export async function complete(root: Command, words: readonly string[], values: Values): Promise<Candidate[]> {
  const [current = '', ...before] = joined(words).toReversed();
  const { command, waiting, positionals } = walk(root, before.toReversed());
  const from = (all: readonly Candidate[]): Candidate[] => all.filter(({ value }) => value.startsWith(current));
  if (waiting !== undefined) return from(await ofOption(waiting, current, values));
  const [, name = '', written] = /^(--[\w-]+)=(.*)$/s.exec(current) ?? [];
  const named = optionsOf(command).find(({ long }) => long === name);
  if (named !== undefined && written !== undefined) {
    const found = await ofOption(named, written, values);
    return from(found.map(({ value }) => ({ value: `${name}=${value}` })));
  }
  if (current.startsWith('-')) return from(flagsOf(command));
  if (command.commands.length > 0) return from(visible(command).map(described));
  const argument = argumentAt(command, positionals);
  return from(argument === undefined ? flagsOf(command) : await ofArgument(argument, current, values));
}

/** Bash takes `a=b` apart into three words, and `a:b`, as contexts are called in EKS. */
function joined(words: readonly string[]): string[] {
  const whole: string[] = [];
  for (const [index, word] of words.entries()) {
    const isGlued = whole.length > 0 && (isBreak(word) || (isBreak(words[index - 1]) && index > 1));
    if (isGlued) whole.push(`${whole.pop()}${word}`);
    else whole.push(word);
  }
  return whole;
}

const isBreak = (word: string | undefined): boolean => word === '=' || word === ':';

type Place = { readonly command: Command; readonly waiting: Option | undefined; readonly positionals: number };

/** Where in the command line the cursor is: in which command, behind which option that wants a value. */
function walk(root: Command, words: readonly string[]): Place {
  let command = root;
  let waiting: Option | undefined;
  let positionals = 0;
  for (const word of words) {
    if (waiting !== undefined) {
      waiting = undefined;
      continue;
    }
    if (word.startsWith('-')) {
      const option = optionsOf(command).find(({ long, short }) => word === long || word === short);
      waiting = option?.required ? option : undefined;
      continue;
    }
    const sub = command.commands.find((one) => one.name() === word);
    if (sub === undefined) positionals += 1;
    else command = sub;
  }
  return { command, waiting, positionals };
}

const optionsOf = (command: Command): readonly Option[] => command.options;

function visible(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

function flagsOf(command: Command): Candidate[] {
  const options = command.createHelp().visibleOptions(command);
  return options.flatMap(({ long, short, description }) =>
    [long, short].flatMap((value) => (value === undefined ? [] : [{ value, what: description }])),
  );
}

function described(command: Command): Candidate {
  return { value: command.name(), what: command.description() };
}

function argumentAt(command: Command, index: number): Argument | undefined {
  const all = command.registeredArguments;
  return all[index] ?? (all.at(-1)?.variadic === true ? all.at(-1) : undefined);
}

async function ofOption(option: Option, prefix: string, values: Values): Promise<Candidate[]> {
  if (option.argChoices !== undefined) return option.argChoices.map((value) => ({ value }));
  const placeholder = /[<[]([\w-]+)/.exec(option.flags)?.[1] ?? '';
  return known(KINDS[option.long ?? ''] ?? KINDS[placeholder], prefix, values);
}

async function ofArgument(argument: Argument, prefix: string, values: Values): Promise<Candidate[]> {
  if (argument.argChoices !== undefined) return argument.argChoices.map((value) => ({ value }));
  return known(KINDS[argument.name()], prefix, values);
}

async function known(kind: ValueKind | undefined, prefix: string, values: Values): Promise<Candidate[]> {
  return kind === undefined ? [] : (await values(kind, prefix)).map((value) => ({ value }));
}
