import { placeText } from '../../../model/place.ts';
import type { FailoverOrder } from '../../../model/scenario.ts';
import { list, mapping, oneOrMore, quantity, withDefault } from '../../../schema/builders.ts';
import { type ClauseProblems, clause, type ShareNeed } from '../../../schema/clause.ts';
import type { Draft } from '../../../schema/draft.ts';
import { calledService } from '../../../schema/names.ts';
import { asList, several } from '../../../schema/one-or-more.ts';
import type { Decoded } from '../../../schema/schema.ts';
import { objective } from '../objective.ts';
import { callersSchema, onePlace, placeFields, placeKey, placeOf } from '../place.ts';

const rung = mapping(
  'A place that serves next: a zone, a region, a cluster, a network, a workload or a subset.',
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
  onePlace(placeFields),
);

const order = mapping('Where callers of one zone must be served, nearest first.', {
  required: {
    service: calledService('The service that fails over.'),
    from: callersSchema,
    order: list('The places in the order in which they must take over.', rung, { minItems: 1, maxItems: 16 }),
  },
});

const schema = oneOrMore('The order of failover, for one service and zone or for several.', order);

function readOrder({ service, from, order: rungs }: Decoded<typeof order>): FailoverOrder {
  return { service, from, order: rungs.map((written) => ({ place: placeOf(written), shareAtLeast: written.share })) };
}

function check(draft: Draft<Decoded<typeof schema>>, problems: ClauseProblems): void {
  const orders = several(draft, []);
  const subjects = orders.map(({ value: { service, from }, path }) => ({
    key: service === undefined || from?.zone === undefined ? undefined : `${service} from ${placeKey(from).key}`,
    path,
  }));
  problems.distinct('the failover order of', subjects);
  for (const { value, path } of orders) {
    problems.service([...path, 'service'], value.service);
    const places = (value.order ?? []).map((place, index) => {
      const { key, field } = placeKey(place);
      return { key, path: [...path, 'order', index, field] };
    });
    problems.distinct('the place', places);
    const home = places.findIndex(({ key }, index) => index > 0 && key === placeKey(value.from).key);
    const at = places[home];
    const farther = ['zone', 'region'];
    const isLate = (value.order ?? []).slice(0, home).some((place) => farther.includes(placeKey(place).field));
    if (at === undefined || !isLate || places.slice(0, home).some(({ key }) => key === at.key)) continue;
    const hint = 'the same zone can only come first: other workloads of it take over before other zones do';
    problems.error('FIELD_VALUE', at.path, "the callers' own zone stands after other places", hint);
  }
}

/** The largest share of an order, which needs the most requests. */
function shareOf({ service, from, order: rungs }: FailoverOrder, index: number): ShareNeed {
  const shares = rungs.map(({ shareAtLeast }) => shareAtLeast);
  const share = Math.max(...shares);
  const path = [index, 'order', shares.indexOf(share), 'share'];
  return {
    path,
    name: `failoverOrder of ${service} from ${placeText(from)}`,
    share,
    when: 'hold',
    fromZone: from.zone,
  };
}

/** Was every declared order kept, in every stage that touches it? */
export const failoverOrder = objective({
  name: 'failoverOrder',
  title: 'Failover order',
  counts: 'call',
  fromRequests: true,
  clause: clause({
    schema,
    read: (written): readonly FailoverOrder[] => asList(written).map(readOrder),
    check,
    shares: (orders) => orders.map(shareOf),
  }),
  // An order in each stage and on the way home.
  comparisons: (orders, { stages }) => orders.length * (stages * 5 + 2),
  judge: (_it, _orders, shared) => shared.orders().findings,
});
