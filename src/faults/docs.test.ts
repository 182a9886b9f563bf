import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { FAULT_KINDS } from './index.ts';
import { faultsPage } from './testing/page.ts';

const PAGE = 'docs/faults.md';

describe('docs/faults.md', () => {
  it('is what the kinds say of themselves (UPDATE_GOLDEN=1 writes it)', () => {
    const page = faultsPage(FAULT_KINDS);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).to.equal(page);
  });
});
