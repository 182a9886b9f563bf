import { expect } from 'chai';
import { FULL, parse } from './testing/fixtures.ts';

describe('scenario: cost', () => {
  it('reads a hundred files within a second of CPU', () => {
    const started = process.cpuUsage();
    for (let file = 0; file < 100; file += 1) expect(parse(FULL).ok).to.equal(true);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1e6).to.be.below(1);
  });
});
