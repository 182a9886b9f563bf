import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { expectGolden } from '../testing/golden.ts';
import { FAULT_KINDS } from './index.ts';
import { faultsPage, withFaultTable } from './testing/page.ts';

describe('the pages about faults', () => {
  it('docs/faults.md is what the kinds say of themselves (UPDATE_GOLDEN=1 writes it)', () => {
    expectGolden('docs/faults.md', faultsPage(FAULT_KINDS));
  });

  it('README.md has the table of faults as the kinds state it (UPDATE_GOLDEN=1 writes it)', () => {
    const readme = readFileSync('README.md', 'utf8');
    expectGolden('README.md', withFaultTable(readme, FAULT_KINDS));
    expect(() => withFaultTable('no table', FAULT_KINDS)).to.throw('the README has no table of faults');
  });
});
