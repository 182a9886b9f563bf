import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const FILE = /`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|mjs|md|yaml|json))`/g;

/** The files that a page names and that are not there, from the root or from src. */
function missing(text: string): string[] {
  const named = [...text.matchAll(FILE)].map((match) => match[1] as string);
  return named.filter((file) => !existsSync(join(ROOT, file)) && !existsSync(join(ROOT, 'src', file)));
}

describe('the pages about the code', () => {
  for (const page of ['ARCHITECTURE.md', 'CONTRIBUTING.md']) {
    it(`${page} names files that are there`, () => {
      const text = readFileSync(join(ROOT, page), 'utf8').replaceAll('`index.ts`', '');
      expect(missing(text)).to.deep.equal([]);
      expect([...text.matchAll(FILE)].length).to.be.above(0);
    });
  }

  it('CHANGELOG.md says nothing twice', () => {
    const lines = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').split('\n');
    const told = lines.filter((line) => line.startsWith('- ') || line.length > 60);
    expect(told.filter((line, at) => told.indexOf(line) !== at)).to.deep.equal([]);
    expect(told.length).to.be.above(0);
  });

  it('would be found out', () => {
    expect(missing('see `run/machine.ts`, `src/run/machine.ts` and `run/no-such.ts`')).to.deep.equal([
      'run/no-such.ts',
    ]);
  });
});
