import { statSync } from 'node:fs';
import { FaultlineError } from '../../model/errors.ts';
import type { OutsideAction, Surroundings } from '../../model/ports.ts';

/** The variables of a process, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What every program gets. */
const ALWAYS = ['PATH', 'HOME'];

/** Seals the value of a variable: the same for the same value, and telling nobody else anything of it. */
type SealOf = (name: string, value: string) => string;

/** What programs get without asking for it. */
export function alwaysOf(environment: Environment): Record<string, string> {
  const set = ALWAYS.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]));
  return Object.fromEntries(set);
}

/** The value of a variable. Throws ENV_MISSING where it is not set. */
export function variable(name: string, environment: Environment): string {
  const value = environment[name];
  if (value !== undefined && value !== '') return value;
  throw new FaultlineError('ENV_MISSING', `the hook needs the environment variable ${name}, which is not set`, {
    hint: 'Set it in the environment that faultline is started with.',
  });
}

/** The variables that an action is given: those of its headers, or where it is a program those in `env`. */
export function variablesOf(action: OutsideAction, env: readonly string[]): readonly string[] {
  return 'command' in action ? env : action.headers.flatMap((one) => ('env' in one ? [one.env] : []));
}

/** What actions depend on in this process. Throws ENV_MISSING where a variable is not set. */
export function surroundingsOf(
  actions: readonly OutsideAction[],
  env: readonly string[],
  environment: Environment,
  sealOf: SealOf,
): Surroundings {
  const names = [...new Set(actions.flatMap((action) => variablesOf(action, env)))];
  const isProgram = actions.some((action) => 'command' in action);
  return {
    programs: isProgram ? { folder: process.cwd(), always: alwaysOf(environment) } : null,
    values: Object.fromEntries(names.map((name) => [name, sealOf(name, variable(name, environment))])),
  };
}

/** Why nothing can be done in these surroundings from this process, and what to do; empty where it can. */
export function obstaclesTo(
  { programs, values }: Surroundings,
  environment: Environment,
  sealOf: SealOf,
): readonly string[] {
  const folder = programs !== null && !isFolder(programs.folder) ? [goneText(programs.folder)] : [];
  const variables = Object.entries(values).flatMap(([name, sealed]) => {
    const value = environment[name] ?? '';
    if (value === '') return [`the variable ${name} is not set: set it to the value that it had when this was planned`];
    if (sealOf(name, value) === sealed) return [];
    return [`the variable ${name} has another value than when this was planned: set it to the one that it had then`];
  });
  return [...folder, ...variables];
}

/** That the folder of a program is not there, and what to do. */
export function goneText(folder: string): string {
  return `its folder ${folder} is gone: put it back as it was`;
}

/** Whether there is a folder of this path. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
