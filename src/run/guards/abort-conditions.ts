import { type AbortCondition, LEAST_REQUESTS, queryText } from '../../model/abort.ts';
import { ratesOf } from '../../model/rates.ts';
import { formatDuration } from '../../model/units.ts';
import type { PrometheusCondition } from '../abort/prometheus.ts';
import { askOnce, sampleText } from '../abort/query-value.ts';
import type { Guard, Guarded, Ruling } from './guard.ts';
import { NO_VALUE, unasked } from './unasked.ts';

/** A run that would be ended at once is not begun, and neither is one whose conditions nobody could tell of. */
export const abortConditions: Guard = {
  name: 'abort conditions',
  check: async (guarded) => {
    const checks = (guarded.inputs.scenario.abort ?? []).map((one) => checkOne(one, guarded));
    return (await Promise.all(checks)).flat();
  },
};

async function checkOne(condition: AbortCondition, guarded: Guarded): Promise<readonly Ruling[]> {
  if (condition.kind === 'errorShare') return checkRequests(condition, guarded);
  return condition.kind === 'prometheus' ? checkQuery(condition, guarded) : [];
}

/** How many gateways a target has is known only now. */
function checkRequests(
  { path, forMs }: Extract<AbortCondition, { kind: 'errorShare' }>,
  { inputs: { scenario }, topology }: Guarded,
): Ruling[] {
  const rateOf = ratesOf(scenario.load);
  const own = topology.paths.filter(({ name }) => path === undefined || name === path);
  const rate = own.reduce((sum, { name }) => sum + rateOf(name), 0);
  const requests = Math.floor((rate * forMs) / 1000);
  if (requests >= LEAST_REQUESTS) return [];
  const whose = path === undefined ? '' : ` of ${path}`;
  const detail = `errorShare: ${requests} requests${whose} in ${formatDuration(forMs)} are too few for a share, which is of at least ${LEAST_REQUESTS}`;
  return [{ refused: true, detail, hint: 'Lengthen its `for`, or send more.' }];
}

async function checkQuery(condition: PrometheusCondition, { inputs, topology }: Guarded): Promise<Ruling[]> {
  const { query, limit } = condition;
  const { prometheus, target } = inputs;
  if (prometheus === undefined) return [unasked('the abort condition prometheus', target, topology)];
  const word = await askOnce(prometheus, condition);
  if (word.says === 'within') return [];
  if (word.says === 'past') {
    const detail = `prometheus: ${sampleText(query, word.sample)} before anything was done, and ${limit.side} ${limit.value} ends a run`;
    return [{ refused: true, detail, hint: 'Wait until it is well again, or correct the query or its limit.' }];
  }
  const detail = `prometheus: ${queryText(query)}: ${word.why}; nobody could tell when the run must end`;
  return [{ refused: true, detail, hint: NO_VALUE }];
}
