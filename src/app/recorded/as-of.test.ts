import { expect } from 'chai';
import type { HistoryEvent } from '../../model/history.ts';
import { asOf } from './as-of.ts';

describe('app/recorded/as-of', () => {
  it('moves what was told later to the moment that is judged, and keeps every event with its number', () => {
    const told = (seq: number, t: number): HistoryEvent => ({
      seq,
      t,
      wall: '2026-11-22T10:00:00.000Z',
      type: 'notice',
      level: 'info',
      text: String(seq),
    });
    const history = [told(0, 0), told(1, 10), told(2, 11), told(3, 12)];
    expect(asOf(history, 11).map(({ seq, t }) => [seq, t])).to.deep.equal([
      [0, 0],
      [1, 10],
      [2, 11],
      [3, 11],
    ]);
    expect(history[3]?.t).to.equal(12);
  });
});
