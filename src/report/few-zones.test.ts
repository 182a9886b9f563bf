import { expect } from 'chai';
import type { RunResult } from '../model/result.ts';
import { withFewZones } from './few-zones.ts';
import { renderHtml } from './testing/render.ts';
import { pass } from './testing/results/pass.ts';

/** The fixture, served by very many zones; the last one is named by a failover order. */
function crowded(zones: number): RunResult {
  const { series, ladders } = pass;
  const [ladder] = ladders;
  if (ladder === undefined) throw new Error('the fixture has no ladder');
  const serving = ['mocka', 'mockb'].flatMap((service) =>
    Array.from({ length: zones }, (_, at) => ({
      service,
      zone: `zone-${at}`,
      region: 'r',
      counts: Array.from({ length: series.columns }, (__, column) => ((column * 7 + at) % 5) + zones - at),
    })),
  );
  return {
    ...pass,
    series: { ...series, serving },
    ladders: [{ ...ladder, fromZone: `zone-${zones - 1}`, rungs: [] }],
  };
}

const sum = (rows: readonly { readonly counts: readonly number[] }[]): number =>
  rows.reduce((total, { counts }) => total + counts.reduce((a, b) => a + b, 0), 0);

describe('report: zones of a chart', () => {
  it('are all told where they can be told apart', () => {
    for (const result of [pass, crowded(20)]) expect(withFewZones(result)).to.equal(result.series.serving);
  });

  it('are those of the orders, then those that served most; the others are added up, and nothing is lost', () => {
    const result = crowded(300);
    const few = withFewZones(result);
    const zones = [...new Set(few.map(({ zone }) => zone))];
    expect(zones).to.have.length(21);
    expect(zones).to.include.members(['zone-0', 'zone-18', 'zone-299', '280 other zones']);
    for (const service of ['mocka', 'mockb']) {
      const of = (rows: typeof few) => rows.filter((row) => row.service === service);
      expect(sum(of(few))).to.equal(sum(of(result.series.serving)));
    }
  });

  it('keep a page of a thousand zones small', () => {
    expect(Buffer.byteLength(renderHtml(crowded(1000)))).to.be.at.most(1024 * 1024);
  });
});
