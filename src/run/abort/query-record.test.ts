import { expect } from 'chai';
import type { UnstampedEvent } from '../../model/ports.ts';
import { QueryRecord } from './query-record.ts';
import { wordOf } from './query-value.ts';
import { valuesOf } from './testing/fake-prometheus.ts';

const ABOVE = { side: 'above', value: 0.2 } as const;

/** What is written of values that queries had, by the place of the query and the second of asking. */
function written(...told: readonly (readonly [place: 'abort' | 'require', second: number, ...values: number[]])[]) {
  const events: UnstampedEvent[] = [];
  const append = (event: UnstampedEvent) => {
    events.push(event);
    return { seq: 0, t: 0, wall: '' };
  };
  const record = new QueryRecord({ append, now: () => 0 });
  for (const [place, second, ...values] of told) {
    record.note({ of: place, index: 1 }, ABOVE, second * 1e6, wordOf(valuesOf(...values), ABOVE));
  }
  return events;
}

const figures = (events: readonly UnstampedEvent[]) =>
  events.flatMap((event) => (event.type === 'query-value' ? [event.value] : []));

describe('the record of what queries were', () => {
  it('has the worst value with the limit and the place in the scenario, within the limit or past it', () => {
    const [within, past] = written(['abort', 1, 0.1, 0.15], ['abort', 6, 0.1, 0.4]);
    const place = { type: 'query-value', of: 'abort', index: 1, limit: ABOVE };
    expect(within).to.deep.equal({ ...place, asked: 1e6, value: 0.15 });
    expect(past).to.deep.equal({ ...place, asked: 6e6, value: 0.4 });
  });

  it('has no figure where none was told, and never 0 for it', () => {
    const none = written(
      ['abort', 1],
      ['abort', 2, Number.NaN],
      ['abort', 3, Number.POSITIVE_INFINITY],
      ['abort', 4, 0],
    );
    expect(figures(none)).to.deep.equal([null, null, null, 0]);
  });

  it('has at most one a second of a query, and of each query its own', () => {
    const often = written(
      ['abort', 1, 0.1],
      ['abort', 1.9, 0.3],
      ['require', 1.9, 0.5],
      ['abort', 2, 0.2],
      ['abort', 2.5, 0.4],
    );
    expect(figures(often)).to.deep.equal([0.1, 0.5, 0.2]);
  });
});
