import type { AbortCondition, ValueLimit } from '../model/abort.ts';
import { decimal, exactlyOne, list, mapping, quantity } from '../schema/builders.ts';
import { dnsLabel } from '../schema/names.ts';
import type { Decoded } from '../schema/schema.ts';
import { promql } from './require-schema.ts';

const errorShare = mapping(
  'Too many bad requests: the share of a window that slides over the run. Requests that only the load generator spoiled do not count.',
  {
    required: {
      above: quantity('percent', 'More than this share is too much.', { max: '99.9%', example: '50%' }),
      for: quantity('duration', 'Length of the window.', { min: '5s', max: '10m', example: '10s' }),
    },
    optional: { path: dnsLabel('Name of the request; all requests together when left out.', 'entry') },
  },
);

const prometheus = mapping(
  'A value of a query is past a limit, at every look for so long; or there is none. Needs `prometheus` in the targets file.',
  {
    required: {
      query: promql,
      for: quantity('duration', 'How long it must be so.', { min: '10s', max: '10m', example: '30s' }),
    },
    optional: {
      above: decimal('More than this is too much.', 0.2),
      below: decimal('Less than this is too little.', 3),
    },
  },
  { ...exactlyOne('above', 'below'), 'x-choice': 'limit' },
);

const noContact = quantity(
  'duration',
  'The API of a cluster has not answered for so long. Always watched for; default: 30s, past which the lease ends the run.',
  { min: '10s', max: '30s', example: '20s' },
);

const blind = quantity(
  'duration',
  'The requests have told nothing for so long: the load generator is silent, or drops all of them. Always watched for; default: 20s, or what three requests and a timeout take.',
  { min: '10s', max: '10m', example: '20s' },
);

const fields = { errorShare, prometheus, noContact, blind };

/** What ends a run before its time. */
export const abort = list(
  'What ends the run before its time: its faults are undone at once, as after a signal, and the exit code is 4.',
  mapping(
    'One condition.',
    { optional: fields },
    { ...exactlyOne(...Object.keys(fields)), 'x-choice': 'abort condition' },
  ),
  { maxItems: 32 },
);

export type AbortDocument = Decoded<typeof abort>;

/** The conditions as a run watches for them. */
export function toAbort(written: AbortDocument): readonly AbortCondition[] {
  return written.flatMap(
    ({ errorShare: share, prometheus: asked, noContact: contact, blind: silence }): AbortCondition[] => [
      ...(share === undefined ? [] : [toErrorShare(share)]),
      ...(asked === undefined ? [] : [toPrometheus(asked)]),
      ...(contact === undefined ? [] : [{ kind: 'noContact', forMs: contact } as const]),
      ...(silence === undefined ? [] : [{ kind: 'blind', forMs: silence } as const]),
    ],
  );
}

function toErrorShare({ path, above, for: forMs }: Decoded<typeof errorShare>): AbortCondition {
  return { kind: 'errorShare', ...(path === undefined ? {} : { path }), above, forMs };
}

function toPrometheus({ query, above, below, for: forMs }: Decoded<typeof prometheus>): AbortCondition {
  const limit: ValueLimit =
    above === undefined ? { side: 'below', value: below ?? 0 } : { side: 'above', value: above };
  return { kind: 'prometheus', query, limit, forMs };
}
