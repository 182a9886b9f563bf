import { expect } from 'chai';
import { Source } from './source.ts';

describe('load/k6/records/source: one k6', () => {
  it('runs when its clock is known and every path has sent', () => {
    const source = new Source('k6', [1000, 1000]);
    source.paths[0]?.numbering.learn(0, 5);
    source.clock.learn(100, 1100, 1100);
    expect(source.running).to.equal(false);
    source.paths[1]?.numbering.learn(2, 2030);
    expect(source.running).to.equal(true);
    const deaf = new Source('k6', [1000]);
    deaf.paths[0]?.numbering.learn(0, 5);
    expect(deaf.running).to.equal(false);
    expect(source.opens({ ...(source.paths[1] as (typeof source.paths)[0]), first: 3 })).to.equal(1000 + 30 + 3000);
  });
});
