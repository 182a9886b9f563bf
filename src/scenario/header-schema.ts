import { exactlyOne, list, mapping, quantity, text, withDefault } from '../schema/builders.ts';
import type { Schema } from '../schema/schema.ts';
import { environmentName } from './env-schema.ts';

const ONE_LINE = { pattern: '^[^\\r\\n]*$', patternErrorMessage: 'must be one line', 'x-unquoted': true } as const;

/** Where a header value that is no text of the scenario comes from. */
type HeaderSource = {
  readonly env?: string;
  readonly file?: string;
  readonly command?: readonly string[];
  readonly refresh?: number;
  readonly prefix: string;
};

export const headerValue: Schema<string | HeaderSource> = {
  description: 'Value of the header: text, or for a secret where it comes from.',
  anyOf: [
    text('Value of the header.', { minLength: 0, ...ONE_LINE }),
    mapping(
      'A value that is read when a run begins; no record shows it.',
      {
        optional: {
          env: environmentName('API_TOKEN'),
          file: text('Path of a file that holds the value, relative to this file.', {
            maxLength: 1024,
            examples: ['./token'],
          }),
          command: list(
            'A program and its arguments, whose output is the value. It runs without a shell, in the folder of this file.',
            text('The program, or an argument.', { minLength: 0, examples: ['vault'] }),
            { minItems: 1, maxItems: 64, examples: [['vault', 'print', 'token']] },
          ),
          refresh: quantity(
            'duration',
            'How often a file or command is read again while the load goes on. Default: never.',
            {
              min: '1s',
              max: '24h',
              example: '10m',
            },
          ),
          prefix: withDefault(
            text('Text before the value, such as the scheme.', { minLength: 0, ...ONE_LINE, examples: ['Bearer '] }),
            '',
          ),
        },
      },
      exactlyOne('env', 'file', 'command'),
    ),
  ],
};
