import { expect } from 'chai';
import type { Chain } from '../model/record.ts';
import { RollingView } from './view.ts';

const CHAINS: Chain[] = [
  {
    hops: [
      { service: 'a', zone: 'x', ip: '' },
      { service: 'b', zone: 'x', ip: '' },
    ],
    rest: '',
  },
  {
    hops: [
      { service: 'a', zone: 'x', ip: '' },
      { service: 'b', zone: 'y', ip: '' },
    ],
    rest: '',
  },
];

describe('load/view', () => {
  it('counts everything since the start and the rest over two seconds', () => {
    const view = new RollingView(['p', 'q'], (index) => CHAINS[index]);
    for (let i = 0; i < 4; i += 1) view.due(0);
    view.dropped(0);
    view.settled(0, 'good', 0, 100_000);
    view.settled(0, 'good', 1, 1_900_000);
    view.settled(0, 'bad', -1, 1_950_000);
    view.settled(1, 'unknown', -1, 0);
    expect(view.snapshot(1_990_000)).to.deep.equal([
      {
        ...{ path: 'p', sent: 3, good: 2, bad: 1, unknown: 0, dropped: 1, recentGood: 2, recentBad: 1 },
        recentServing: { a: { x: 2 }, b: { x: 1, y: 1 } },
      },
      { path: 'q', sent: 0, good: 0, bad: 1, unknown: 1, dropped: 0, recentGood: 0, recentBad: 1, recentServing: {} },
    ]);
    expect(view.snapshot(2_100_000)[0]).to.deep.include({
      good: 2,
      recentGood: 1,
      recentServing: { a: { x: 1 }, b: { y: 1 } },
    });
    expect(view.snapshot(60_000_000)[0]).to.deep.include({
      good: 2,
      bad: 1,
      recentGood: 0,
      recentBad: 0,
      recentServing: {},
    });
  });

  it('reuses a place only after what stood there is forgotten', () => {
    const view = new RollingView(['p'], (index) => CHAINS[index]);
    view.settled(0, 'good', 0, 0);
    view.settled(0, 'good', 1, 2_000_000);
    expect(view.snapshot(2_000_000)[0]).to.deep.include({
      good: 2,
      recentGood: 1,
      recentServing: { a: { x: 1 }, b: { y: 1 } },
    });
  });

  it('is not fooled by services named like parts of an object', () => {
    const odd: Chain = { hops: [{ service: '__proto__', zone: 'constructor', ip: '' }], rest: '' };
    const view = new RollingView(['p'], () => odd);
    view.settled(0, 'good', 0, 0);
    expect(JSON.stringify(view.snapshot(0)[0]?.recentServing)).to.equal('{"__proto__":{"constructor":1}}');
  });
});
