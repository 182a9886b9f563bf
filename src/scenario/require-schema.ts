import type { Requirement } from '../model/abort.ts';
import { decimal, exactlyOne, list, mapping, text } from '../schema/builders.ts';
import type { Decoded } from '../schema/schema.ts';

/** PromQL, in a condition or a requirement. */
export const promql = text('PromQL with one value or several, each of which counts.', {
  maxLength: 2048,
  examples: ['sum(rate(http_requests_total{code=~"5.."}[1m]))'],
});

const prometheus = mapping(
  'Every value of a query keeps to a bound; no value is none that does. Needs `prometheus` in the targets file.',
  {
    required: { query: promql },
    optional: {
      atMost: decimal('The largest value that is let pass.', 0),
      atLeast: decimal('The least value that is let pass.', 3),
    },
  },
  { ...exactlyOne('atMost', 'atLeast'), 'x-choice': 'bound' },
);

/** What must hold before anything is injected. */
export const require = list(
  'What must hold before anything is injected, beside the steady state: asked by `plan`, before the load, and right before the first fault.',
  mapping('One requirement.', { required: { prometheus } }),
  { maxItems: 32 },
);

/** The requirements as a run asks for them. */
export function toRequire(written: Decoded<typeof require>): readonly Requirement[] {
  return written.map(({ prometheus: { query, atMost, atLeast } }) => ({
    query,
    limit: atMost === undefined ? { side: 'below', value: atLeast ?? 0 } : { side: 'above', value: atMost },
  }));
}
