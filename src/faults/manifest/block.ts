import type { Json } from '../../model/scenario.ts';
import { exactlyOne, mapping, text, withDefault, word } from '../../schema/builders.ts';
import type { Decoded, Schema } from '../../schema/schema.ts';
import { cluster, expiry, labels } from '../block.ts';

const object: Schema<Json> = {
  description:
    'The object as it is applied, with apiVersion, kind, name and namespace. Its status belongs to its controller.',
  'x-json': true,
};

const equals: Schema<Json> = {
  description: 'The value that stands there then.',
  'x-json': true,
  examples: ['Running'],
};

/** The block of this kind in a scenario. */
export const schema = mapping(
  'Applies any object of a namespace, waits for a condition of it, and deletes it: the door for faults of other tools.',
  {
    required: {
      cluster,
      hits: labels('The pods of its namespace that it hits: what is judged rests on them.'),
      effect: word(
        'What becomes of these pods: they stop serving, they restart, or they degrade and may go on answering.',
        ['stops-serving', 'restarts', 'degrades'],
      ),
    },
    optional: {
      object,
      file: text('A file of YAML with the object, beside the scenario; this or `object` must be there.'),
      until: mapping(
        'The fault is on when its controller says so in the status of the object; without it only requests can show it.',
        {
          optional: {
            condition: text('Type of an entry of `status.conditions`.', { examples: ['AllInjected'] }),
            is: withDefault(text('Status of that condition.'), 'True'),
            pointer: text('JSON pointer of a field of the status.', {
              pattern: '^/status/.+',
              examples: ['/status/phase'],
            }),
            equals,
          },
        },
        exactlyOne('condition', 'pointer'),
      ),
      expiry,
    },
  },
  exactlyOne('object', 'file'),
);

export type ManifestBlock = Decoded<typeof schema>;
