import type { Json } from '../model/scenario.ts';
import { exactlyOne, integer, list, mapping, oneOrMore, quantity, text } from '../schema/builders.ts';
import { dnsLabel } from '../schema/names.ts';
import type { Schema } from '../schema/schema.ts';
import { grpcStatus } from './grpc-schema.ts';
import { answerHeader, jsonPointer } from './names.ts';

const oneStatus = integer('A status.', 100, 599, 200);

const status: Schema<number | readonly (number | string)[]> = {
  description: 'Status of a good answer: one, or a list of them. Default: 200.',
  anyOf: [
    oneStatus,
    list(
      'Each of them is good.',
      {
        description: 'A status, or a range.',
        anyOf: [
          oneStatus,
          text('Every status of a range, both ends included.', {
            pattern: '^[1-5]\\d\\d-[1-5]\\d\\d$',
            patternErrorMessage: 'must be a range such as 200-299',
            examples: ['200-299'],
          }),
        ],
      },
      { minItems: 1, maxItems: 64 },
    ),
  ],
};

const matches = text(
  'A regular expression that is found in the text: of JavaScript, without look-around and backreferences.',
  { maxLength: 1024, examples: ['^https://'] },
);

/** Text that is expected as it stands. */
const sameText = text('The text as it stands.', { minLength: 0, maxLength: 4096, examples: ['ok'] });

const sameValue: Schema<Json> = { description: 'The value, of any type of JSON.', 'x-json': true, examples: ['ok'] };

const header = oneOrMore(
  'What headers of the answer say.',
  mapping(
    'One header.',
    { required: { name: answerHeader('x-cache') }, optional: { equals: sameText, matches } },
    exactlyOne('equals', 'matches'),
  ),
);

const location: Schema<string | { readonly matches: string }> = {
  description: 'Where an expected redirect leads: what the header `location` says.',
  anyOf: [sameText, mapping('A part of it.', { required: { matches } })],
};

const body = oneOrMore(
  'What the body of the answer says, in its first 64 KiB.',
  mapping(
    'One value in a body of JSON, or with `matches` alone the body as text.',
    {
      optional: {
        pointer: jsonPointer('/status'),
        equals: sameValue,
        matches,
      },
    },
    exactlyOne('equals', 'matches'),
  ),
);

/** What makes a request good; every field may be left out. */
export const good = (description: string) =>
  mapping(description, {
    optional: {
      status,
      grpc: grpcStatus,
      chain: list(
        'The services of the complete chain, in call order. Leave out when the answer carries no chain.',
        dnsLabel('Name of the service.', 'mocka'),
        { maxItems: 64, examples: [['mocka', 'mockb', 'mockc']] },
      ),
      latency: quantity('duration', 'Longest good latency, from the moment the request was due. Default: `timeout`.', {
        min: '1ms',
        max: '60s',
        example: '1s',
      }),
      header,
      location,
      body,
    },
  });
