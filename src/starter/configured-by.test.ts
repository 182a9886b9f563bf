import { expect } from 'chai';
import type { ControlPlaneSigns } from '../workload/configured-by.ts';
import { configuring } from './configured-by.ts';

const signs = (name: string, hasIstiod: boolean, allowed?: string, ids: readonly string[] = []): ControlPlaneSigns => ({
  name,
  hasIstiod,
  allowed,
  ids,
});

function told(...clusters: readonly ControlPlaneSigns[]): readonly unknown[] {
  const { by, notes } = configuring(clusters);
  return [...by].map(([name, other]) => `${name} by ${other}`).concat(notes);
}

describe('whose istiod configures the proxies of a cluster', () => {
  it('is its own, or a managed one, where it lets nobody in or has one', () => {
    expect(told(signs('tokyo', true), signs('hangzhou', false))).to.deep.equal([]);
    expect(told(signs('tokyo', true), signs('hangzhou', true, 'tokyo'))).to.deep.equal([]);
  });

  it('is the cluster that it names, whether an istiod is seen there or not', () => {
    expect(told(signs('tokyo', false), signs('hangzhou', false, 'tokyo'))).to.deep.equal(['hangzhou by tokyo']);
    expect(told(signs('a', true), signs('b', true), signs('c', false, ' b '))).to.deep.equal(['c by b']);
  });

  it('is the only one with an istiod where it names none of these, as by an id of Istio', () => {
    for (const allowed of ['*', 'cluster1', 'cluster1,cluster2']) {
      expect(told(signs('tokyo', true), signs('hangzhou', false, allowed))).to.deep.equal(['hangzhou by tokyo']);
    }
  });

  it('is the one whose istiod has the id that it names, and none of those that have others', () => {
    const [a, b] = [signs('a', true, undefined, ['east']), signs('b', true, undefined, ['west'])];
    expect(told(a, b, signs('c', false, 'west'))).to.deep.equal(['c by b']);
    expect(told(a, signs('b', true), signs('c', false, 'north')), 'only of one it is not known').to.deep.equal([
      'c by b',
    ]);
    expect(told(a, b, signs('c', false, 'north')).join()).to.contain('write whose it is');
  });

  it('is for a person to say where it can be of several, or of none that is seen', () => {
    const note = (allowed: string) =>
      `c: no istiod is seen, and it lets that of ${allowed} in: write whose it is (configuredBy).`;
    expect(told(signs('a', true), signs('b', true), signs('c', false, '*'))).to.deep.equal([note('*')]);
    expect(told(signs('a', true), signs('b', true), signs('c', false, 'a,b'))).to.deep.equal([note('a,b')]);
    expect(told(signs('c', false, 'c'), signs('b', false))).to.deep.equal([note('c')]);
  });
});
