import { expect } from 'chai';
import type { HistoryEvent } from '../model/history.ts';
import { type Coverage, CoverageLog, OUTLIERS } from './coverage.ts';

type Telemetry = Extract<HistoryEvent, { type: 'mesh-telemetry' }>;

const all = (known: number, more: Partial<Coverage> = {}): Coverage => ({
  known,
  asked: known,
  answered: known,
  silent: 0,
  problem: undefined,
  unknown: [],
  ...more,
});

/** What a log writes for these looks: after which look (from 1), and how many were known; `end` for the end. */
function written(looks: readonly Coverage[]): { rows: [number | 'end', number][]; events: Telemetry[] } {
  const events: Telemetry[] = [];
  const rows: [number | 'end', number][] = [];
  let at: number | 'end' = 0;
  const append = (event: object) => {
    const telemetry = event as Telemetry;
    events.push(telemetry);
    rows.push([at, telemetry.callers?.known ?? Number.NaN]);
    return { seq: 0, t: 0, wall: '' };
  };
  const log = new CoverageLog('tokyo', { append, now: () => 0 }, OUTLIERS);
  for (const [index, look] of looks.entries()) {
    at = index + 1;
    log.look(look);
  }
  at = 'end';
  log.close();
  return { rows, events };
}

const counts = (...known: readonly number[]) => written(known.map((one) => all(one))).rows;
/** A number of looks of which no two in a row agree. */
const restless = (length: number): number[] => Array.from({ length }, (_, index) => 10 + (index % 2));

describe('the coverage of the calling proxies', () => {
  it('is written once two looks in a row agree, and not again while it stays so', () => {
    expect(counts(1, 1, 1, 1)).to.deep.equal([[2, 1]]);
    expect(counts(1, 2, 2, 2)).to.deep.equal([[3, 2]]);
    expect(counts(1, 1, 2, 3, 3)).to.deep.equal([
      [2, 1],
      [5, 3],
    ]);
  });

  it('is not written for a look that was gone with the next one', () => {
    expect(counts(1, 1, 2, 1, 1, 2, 1)).to.deep.equal([[2, 1]]);
  });

  it('is written after ten looks that go on changing, and after ten more', () => {
    expect(counts(...restless(9))[0]).to.deep.equal(['end', 10]);
    expect(counts(...restless(10))).to.deep.equal([[10, 11]]);
    const looks = [1, 1, ...Array.from({ length: 21 }, (_, index) => 100 + index)];
    expect(counts(...looks)).to.deep.equal([
      [2, 1],
      [12, 109],
      [22, 119],
      ['end', 120],
    ]);
  });

  it('begins to count anew what goes on changing when it was for a moment as it had been written', () => {
    const changing = (from: number, length: number) => Array.from({ length }, (_, index) => from + index);
    const looks = [1, 1, ...changing(100, 9), 1, ...changing(200, 9), 1];
    expect(counts(...looks)).to.deep.equal([[2, 1]]);
    expect(counts(1, 1, ...changing(100, 9), 1, ...changing(200, 10), 1)).to.deep.equal([
      [2, 1],
      [22, 209],
      ['end', 1],
    ]);
  });

  it('is written at the end where it was not yet, and nothing is where nobody has looked', () => {
    expect(counts(1)).to.deep.equal([['end', 1]]);
    expect(counts(1, 1, 2)).to.deep.equal([
      [2, 1],
      ['end', 2],
    ]);
    expect(counts()).to.deep.equal([]);
  });

  const text = (coverage: Coverage) => written([coverage]).events[0];

  it('names the cluster, and counts every place of which nobody knows as one caller more', () => {
    expect(text(all(2, { unknown: ['Pods in shop: they cannot be listed'] }))).to.deep.equal({
      type: 'mesh-telemetry',
      cluster: 'tokyo',
      readable: true,
      detail: '2 of 2 calling proxies show outlier statistics; Pods in shop: they cannot be listed',
      callers: { known: 3, asked: 2, answered: 2 },
    });
  });

  it('says in words what is missing', () => {
    const details = [
      all(0),
      all(1),
      all(1, { answered: 0, silent: 1 }),
      all(3, { answered: 1, silent: 2 }),
      all(3, { answered: 1, problem: '503 no' }),
      all(2, { answered: 0 }),
      all(2, { answered: 1 }),
      all(150, { asked: 100, answered: 100 }),
    ].map((coverage) => text(coverage)?.detail);
    const leave = 'them out: set proxyStatsMatcher inclusionRegexps to .*outlier_detection.*';
    expect(details).to.deep.equal([
      'no calling proxy was found: no ready pod has a sidecar',
      '1 of 1 calling proxy show outlier statistics',
      `0 of 1 calling proxy show outlier statistics; 1 leaves ${leave}`,
      `1 of 3 calling proxies show outlier statistics; 2 leave ${leave}`,
      '1 of 3 calling proxies show outlier statistics; 2 could not be read (503 no)',
      '0 of 2 calling proxies show outlier statistics; 2 could not be read',
      '1 of 2 calling proxies show outlier statistics; 1 could not be read',
      '100 of 150 calling proxies show outlier statistics; only 100 of 150 are read',
    ]);
  });

  it('is readable where any proxy answers', () => {
    expect(text(all(2, { answered: 1 }))?.readable).to.equal(true);
    expect(text(all(2, { answered: 0 }))?.readable).to.equal(false);
  });
});
