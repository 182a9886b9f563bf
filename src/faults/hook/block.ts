import { exactlyOne, list, mapping, quantity, record, text, withDefault, word } from '../../schema/builders.ts';
import type { Decoded, Schema } from '../../schema/schema.ts';
import { cluster, labels } from '../block.ts';

const VARIABLE = { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' };
const command = list('Program and words, started without a shell.', text('One word.'), { minItems: 1, maxItems: 100 });

type HeaderValue = string | { readonly env: string; readonly prefix?: string };

const headerValue: Schema<HeaderValue> = {
  description: 'The value, or the environment variable that has it.',
  anyOf: [
    text('The value.'),
    mapping('A value from the environment.', {
      required: { env: text('Name of the variable.', VARIABLE) },
      optional: { prefix: text('What stands before the value.', { examples: ['Bearer '] }) },
    }),
  ],
};

const http = {
  url: text('Where it is sent. No redirect is followed.', { pattern: '^https?://[^\\s]+$', maxLength: 2000 }),
  method: withDefault(word('HTTP method.', ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']), 'POST'),
  headers: record('Headers.', headerValue, { pattern: '^[A-Za-z0-9-]+$' }),
  body: text('The body, as it is sent.', { maxLength: 10_000 }),
};

const action = (description: string) =>
  mapping(description, { optional: { command, ...http } }, exactlyOne('command', 'url'));

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Does something outside of Kubernetes by a command or an HTTP request that the scenario brings, and undoes it by another.',
  {
    required: {
      cluster,
      namespace: text('Namespace of the pods that it hits, and of the Job that stands for it while it is on.'),
      hits: labels('The pods of the namespace that it hits: what is judged rests on them.'),
      effect: word(
        'What becomes of these pods: they stop serving, they restart, or they degrade and may go on answering.',
        ['stops-serving', 'restarts', 'degrades'],
      ),
      inject: action('Brings the fault. A program must end with 0, an answer must have a status of 2xx.'),
      undo: action('Takes it back. It is done again where nobody knows whether it was done: it must be idempotent.'),
      probe: mapping(
        'Changes nothing, and says whether the fault is on: a program by 0 (on) or by 1 with nothing on stderr (off), an answer of 2xx by its text.',
        {
          optional: {
            command,
            ...http,
            says: text('The fault is on where the body of the answer has this text in it.'),
          },
        },
        { oneOf: [{ required: ['command'] }, { required: ['url', 'says'] }] },
      ),
    },
    optional: {
      env: list('Variables of the environment that programs get, by name.', text('Name of a variable.', VARIABLE)),
      limit: withDefault(
        quantity('duration', 'Longest time of each step.', { min: '1s', max: '5m', example: '30s' }),
        '30s',
      ),
    },
  },
);

export type HookBlock = Decoded<typeof schema>;
export type ActionBlock = HookBlock['inject'];
