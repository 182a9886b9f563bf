import { expect } from 'chai';
import { expectGolden } from '../testing/golden.ts';
import { RULES } from './index.ts';
import { lintPage } from './testing/page.ts';

describe('docs/lint.md', () => {
  it('is what the rules say of themselves (UPDATE_GOLDEN=1 writes it)', () => {
    expectGolden('docs/lint.md', lintPage(RULES));
  });

  it('has each rule once, by a name that can stand in SARIF', () => {
    const ids = RULES.map(({ id }) => id);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).to.deep.equal([]);
  });

  it('names a source for each reason', () => {
    expect(RULES.filter(({ why }) => !/Istio|Envoy|Kubernetes|Argo/.test(why)).map(({ id }) => id)).to.deep.equal([]);
  });
});
