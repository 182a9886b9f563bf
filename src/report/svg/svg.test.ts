import { expect } from 'chai';
import fc from 'fast-check';
import { timeAxis } from './axis.ts';
import { added, highest, stride, summed } from './columns.ts';
import { fitted, guideLabels } from './frame.ts';
import { niceTop, ruled } from './scale.ts';
import { stepArea, stepLine } from './steps.ts';

describe('report/svg', () => {
  it('counts the axis from T0 and keeps positions inside the picture', () => {
    const axis = timeAxis(0, 70_000_000, 10_000_000);
    expect(axis.ticks.find(({ text }) => text === '0')?.x).to.be.closeTo(100 / 7, 0.001);
    expect(axis.x(-5)).to.equal(0);
    expect(axis.x(80_000_000)).to.equal(100);
    expect(axis.unit).to.equal('seconds since T0');
    expect(timeAxis(0, 7_200_000_000, undefined).unit).to.equal('minutes since the start of the run');
  });

  it('has an axis even for a run of no length', () => {
    const axis = timeAxis(0, 0, undefined);
    expect(axis.end).to.be.greaterThan(axis.start);
    expect(axis.ticks.every(({ x }) => Number.isFinite(x))).to.equal(true);
  });

  it('loses no count when it thins columns', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 900 }), (counts) => {
        const sums = summed(counts, counts.length, stride(counts.length, 40));
        expect(sums.length).to.be.at.most(40);
        expect(sums.reduce((a, b) => a + b, 0)).to.equal(counts.reduce((a, b) => a + b, 0));
      }),
    );
  });

  it('keeps the highest latency and the gaps', () => {
    expect(highest([1, 5, null, null, 2], 5, 2)).to.deep.equal([5, null, 2]);
    expect(added([1, 2], [3])).to.deep.equal([4, 2]);
  });

  it('draws step areas and lines, equal neighbours once', () => {
    expect(stepArea([0, 0, 0], [1, 1, 2], 2, 10)).to.equal('M0,5H2V0H3V10H0Z');
    expect(stepArea([0, 0], [0, 0], 2, 10)).to.equal('');
    expect(stepLine([1, 1, null, 2], 2, 10)).to.equal('M0,5H2M3,0H4');
  });

  it('gives guides that would collide one label', () => {
    const axis = timeAxis(0, 100, undefined);
    const guide = (id: 'T0' | 'T1' | 'T2' | 'T4', at: number) => ({ id, at, label: '' });
    const wide = timeAxis(0, 100_000_000, undefined);
    expect(axis.end).to.equal(100);
    const labels = guideLabels(
      [guide('T0', 10_000_000), guide('T1', 11_000_000), guide('T2', 12_000_000), guide('T4', 60_000_000)],
      wide,
    );
    expect(labels.map(({ text }) => text)).to.deep.equal(['T0–T2', 'T4']);
  });

  it('cuts labels to their room', () => {
    expect(fitted('fault mockb-down', 100)).to.equal('fault mockb-down');
    expect(fitted('fault mockb-down', 20)).to.equal('fault moc…');
    expect(fitted('fault mockb-down', 3)).to.equal('');
  });

  it('has round scales, also for nothing at all', () => {
    expect(niceTop(202)).to.equal(250);
    expect(niceTop(0)).to.equal(1);
    expect(niceTop(Number.NaN)).to.equal(1);
    expect(ruled(6)).to.include(0);
  });
});
