import { BODY_LIMIT, type Json } from '../model/scenario.ts';
import { exactlyOne, mapping, record, text, withDefault } from '../schema/builders.ts';
import type { Schema } from '../schema/schema.ts';
import { environmentName } from './env-schema.ts';

/** Any JSON, as YAML writes it. */
const json: Schema<Json> = {
  description:
    'The body as JSON, written as YAML. Sent with `content-type: application/json` unless the headers say another.',
  'x-json': true,
};

const secret = mapping('Where the value comes from.', { required: { env: environmentName('LOGIN_PASSWORD') } });

/** What a request sends besides its headers. */
export const body: Schema<
  | string
  | {
      readonly file?: string;
      readonly env?: string;
      readonly json?: Json;
      readonly secrets: Readonly<Record<string, { readonly env: string }>>;
    }
> = {
  description: `The body of the request: text as it stands, a file, JSON, or a text from the environment; at most 1 MiB.`,
  anyOf: [
    text('The body as it stands.', { maxLength: BODY_LIMIT, 'x-unquoted': true }),
    mapping(
      'A body that is not plain text.',
      {
        optional: {
          file: text('Path of a file, relative to this file, whose bytes are sent.', {
            maxLength: 1024,
            examples: ['./order.json'],
          }),
          env: environmentName('ORDER'),
          json,
          secrets: withDefault(
            record('Texts in the JSON that are read from the environment when a run begins, by JSON pointer.', secret, {
              pattern: '^(/([^~]|~[01])*)+$',
              patternErrorMessage: 'must be a JSON pointer such as /login/password',
            }),
            {},
          ),
        },
      },
      exactlyOne('file', 'env', 'json'),
    ),
  ],
};
