import {
  atLeastOne,
  exactlyOne,
  integer,
  list,
  mapping,
  oneOrMore,
  quantity,
  withDefault,
} from '../schema/builders.ts';
import { dnsLabel, plainName } from '../schema/names.ts';
import type { Decoded } from '../schema/schema.ts';

const placeFields = {
  zone: plainName('A zone.', 'ap-northeast-1b'),
  region: plainName('A region: any of its zones.', 'cn-hangzhou'),
};
const place = mapping('A zone or a region.', { optional: placeFields }, exactlyOne('zone', 'region'));

const rung = mapping(
  'A zone or a region that serves next.',
  {
    optional: {
      ...placeFields,
      share: withDefault(
        quantity('atLeast', 'Share of the requests that must be served here while it is the turn of this place.', {
          example: '>= 60%',
        }),
        '>= 99%',
      ),
    },
  },
  exactlyOne('zone', 'region'),
);

const failoverOrder = mapping('Where callers of one zone must be served, nearest first.', {
  required: {
    service: dnsLabel('The service that fails over.', 'mockb'),
    from: mapping('Where the callers are.', {
      required: { zone: plainName('Zone of the callers.', 'ap-northeast-1a') },
    }),
    order: list('The places in the order in which they must take over.', rung, { minItems: 1, maxItems: 16 }),
  },
});

const ejections = mapping(
  'Outlier ejections of a service, seen by its callers from injection to the end of the undo.',
  {
    required: { service: dnsLabel('The service whose endpoints are ejected.', 'mockb') },
    optional: {
      atLeast: integer('Fewest ejections.', 0, 1_000_000, 1),
      atMost: integer('Most ejections.', 0, 1_000_000, 0),
    },
  },
  atLeastOne('atLeast', 'atMost'),
);

const steadyState = mapping('Must hold in the baseline, or nothing is injected.', {
  optional: {
    good: withDefault(quantity('atLeast', 'Share of good requests.', { example: '>= 99.9%' }), '>= 99%'),
    sameZone: quantity('atLeast', "Share of hops served in the caller's own zone.", { example: '>= 99%' }),
  },
});

const recoveryTime = mapping('From the fault to good answers that last, on every path.', {
  required: {
    within: quantity('duration', 'Longest time to recovery.', { min: '1ms', max: '6h', example: '5s' }),
  },
  optional: {
    consecutive: withDefault(integer('Good requests in a row that make a recovery.', 1, 10_000, 5), 5),
    lasting: withDefault(
      quantity('duration', 'How long the row must last at least.', { min: '0s', max: '10m', example: '1s' }),
      '1s',
    ),
  },
});

const errorBudget = mapping(
  'Bad requests allowed from injection to the end of the undo.',
  {
    optional: {
      perCaller: integer('Most bad requests of one calling proxy.', 0, 1_000_000_000, 1),
      perPath: integer('Most bad requests of one path.', 0, 1_000_000_000, 3),
      ratio: quantity('atMost', 'Largest share of bad requests over all paths.', { example: '<= 1%' }),
    },
  },
  atLeastOne('perCaller', 'perPath', 'ratio'),
);

/** `spec.expect`. */
export const expect = mapping(
  'What must hold. Each clause gives findings; at least one is needed.',
  {
    optional: {
      steadyState: withDefault(steadyState, {}),
      failoverOrder: oneOrMore('The order of failover, for one service and zone or for several.', failoverOrder),
      recoveryTime,
      errorBudget,
      unaffected: mapping('Nobody else must notice the fault.', {
        required: { except: oneOrMore('Where the fault may be noticed.', place) },
      }),
      ejections: oneOrMore('Ejections that must, or must not, happen.', ejections),
      failback: mapping('The way home after the fault.', {
        required: {
          within: quantity('duration', 'Longest time from the undo until callers are served at home again.', {
            min: '1ms',
            max: '6h',
            example: '40s',
          }),
        },
      }),
    },
  },
  { minProperties: 1 },
);

export type PlaceDocument = Decoded<typeof place>;
export type FailoverDocument = Decoded<typeof failoverOrder>;
export type ExpectDocument = Decoded<typeof expect>;
