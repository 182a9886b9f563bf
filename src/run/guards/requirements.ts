import { boundText, queryText, type Requirement } from '../../model/abort.ts';
import type { Prometheus } from '../../model/ports.ts';
import { askOnce, type QueryWord, sampleText } from '../abort/query-value.ts';
import type { Guard } from './guard.ts';
import { NO_VALUE, unasked } from './unasked.ts';

/** What the scenario requires of Prometheus before anything is injected. */
export const requirements: Guard = {
  name: 'requirements',
  check: async ({ inputs: { scenario, prometheus, target }, topology }) => {
    const required = scenario.require ?? [];
    if (required.length === 0) return [];
    if (prometheus === undefined) return [unasked('what spec.require asks', target, topology)];
    const missed = await missedRequirements(required, prometheus);
    const hint = 'Wait until it holds, or correct the query or its bound.';
    return missed.map(({ why, says }) => ({ refused: true, detail: why, hint: says === 'past' ? hint : NO_VALUE }));
  },
};

/** Requirements that do not hold now, each with the reason; one that nobody can tell of is among them. `note` hears of every answer. */
export async function missedRequirements(
  required: readonly Requirement[],
  prometheus: Prometheus,
  note: (index: number, one: Requirement, word: QueryWord) => void = () => {},
): Promise<readonly { readonly why: string; readonly says: 'past' | 'nothing' }[]> {
  const asked = required.map(async (one, index) => {
    const { query, limit } = one;
    const word = await askOnce(prometheus, one);
    note(index, one, word);
    if (word.says === 'within') return [];
    const what = word.says === 'past' ? sampleText(query, word.sample) : `${queryText(query)}: ${word.why}`;
    return [{ why: `required: ${what}, and must be ${boundText(limit)}`, says: word.says }];
  });
  return (await Promise.all(asked)).flat();
}
