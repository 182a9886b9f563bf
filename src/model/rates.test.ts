import { expect } from 'chai';
import { fastestRate, rateOfAll, ratesOf, rateText, slowestRate } from './rates.ts';
import type { PathTemplate } from './scenario.ts';

const path = (name: string, ratePerSecond?: number): PathTemplate => ({
  name,
  request: { method: 'GET', path: '/', headers: {} },
  via: 'each-gateway-zone',
  ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
});

describe('model/rates', () => {
  const mixed = { ratePerSecond: 10, paths: [path('a'), path('b', 2.5), path('c', 40)] };

  it('are the own ones of paths, and else that of the load', () => {
    expect(['a', 'b', 'c', 'foreign'].map(ratesOf(mixed))).to.deep.equal([10, 2.5, 40, 10]);
    expect([slowestRate(mixed), fastestRate(mixed), rateOfAll(mixed)]).to.deep.equal([2.5, 40, 52.5]);
    expect(rateText(mixed)).to.equal('10/s on a, 2.5/s on b, 40/s on c');
  });

  it('are not that of the load where every path has another', () => {
    const own = { ratePerSecond: 10, paths: [path('a', 2), path('b', 2)] };
    expect([slowestRate(own), fastestRate(own), rateText(own)]).to.deep.equal([2, 2, '2/s']);
    expect(rateText({ ratePerSecond: 7, paths: [] })).to.equal('7/s');
  });
});
