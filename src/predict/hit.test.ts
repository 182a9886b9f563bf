import { expect } from 'chai';
import { hitBy } from './hit.ts';
import type { Move } from './moves.ts';
import { liveSystem } from './testing/live-fixture.ts';

describe('the services that faults hit', () => {
  it('are told once, however often a chain calls them', () => {
    const move = { fault: 'f', cluster: 'tokyo', afterMs: 0, kind: 'caller-fault', service: 'default/mockb' } as Move;
    const chain = ['default/mocka', 'default/mockb', 'default/mockc', 'default/mockb'];
    expect(hitBy(liveSystem({}), [move], chain)).to.deep.equal(['default/mockb']);
  });
});
