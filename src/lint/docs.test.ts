import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { RULES } from './index.ts';
import { lintPage } from './testing/page.ts';

const PAGE = 'docs/lint.md';

describe('docs/lint.md', () => {
  it('is what the rules say of themselves (UPDATE_GOLDEN=1 writes it)', () => {
    const page = lintPage(RULES);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).to.equal(page);
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
