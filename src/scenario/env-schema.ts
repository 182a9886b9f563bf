import { text } from '../schema/builders.ts';

/** The name of an environment variable that holds what no file may. */
export const environmentName = (example: string) =>
  text('Name of the environment variable.', {
    pattern: '^[A-Za-z_][A-Za-z0-9_]{0,255}$',
    patternErrorMessage: 'must be the name of an environment variable: letters, digits and underscores',
    examples: [example],
    'x-unquoted': true,
  });
