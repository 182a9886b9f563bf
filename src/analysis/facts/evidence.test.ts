import { expect } from 'chai';
import { analyze } from '../index.ts';
import { bigHistory, bigRecords } from '../testing/big-file.ts';

async function* bytesOf(texts: Iterable<string>): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

describe('analysis: evidence', () => {
  it('names the first twenty findings that use a row, each of which names the row', async () => {
    const shape = { records: 3000, paths: 30, faults: 1, services: 3, chainsPerPlace: 1, seconds: 100 };
    const { evidence, findings } = await analyze(bigHistory(shape), bytesOf(bigRecords(shape)));
    const users = (id: string): string[] => findings.filter((one) => one.evidence.includes(id)).map((one) => one.id);
    expect(Math.max(...evidence.map(({ id }) => users(id).length))).to.be.above(30);
    for (const { id, usedBy } of evidence) expect(usedBy).to.deep.equal(users(id).slice(0, 20));
  });
});
