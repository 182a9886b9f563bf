import { expect } from 'chai';
import { TextTable } from './text-table.ts';

function table() {
  const told: string[] = [];
  const texts = new TextTable((index, text) => {
    expect(index).to.equal(told.length);
    told.push(text);
  });
  return { index: (message: string, code = '') => texts.index({ message, code }), texts, told };
}

describe('load/text-table', () => {
  it('gives words an index and tells of it once', () => {
    const { index, told } = table();
    const seen = [index('reset', 'ECONNRESET'), index('refused', 'ECONNREFUSED'), index('reset', 'ECONNRESET')];
    expect(seen).to.deep.equal([0, 1, 0]);
    expect(told).to.deep.equal(['reset (ECONNRESET)', 'refused (ECONNREFUSED)']);
    expect(index('reset', 'EPIPE')).to.equal(2);
  });

  it('gives words that differ only in ports and the like one index', () => {
    const { index, told } = table();
    for (let port = 1000; port < 5000; port += 1) {
      expect(index(`read tcp 10.0.0.1:${port}->10.0.0.2:443: EOF`)).to.equal(0);
    }
    expect(told).to.deep.equal(['read tcp: EOF']);
  });

  it('has no index for an error without words', () => {
    const { index, texts, told } = table();
    expect([texts.index(undefined), index(''), index(' \n')]).to.deep.equal([-1, -1, -1]);
    expect(told).to.deep.equal([]);
  });

  it('lets hostile words fill neither memory nor disk', () => {
    const { index, told } = table();
    for (let i = 0; i < 1000; i += 1) expect(index(`words ${i} ${'x'.repeat(10_000)}`)).to.equal(i);
    expect([index('beyond'), index('words 7'), index(`words 7 ${'x'.repeat(10_000)}`)]).to.deep.equal([-1, -1, 7]);
    expect(told).to.have.length(1000);
    expect(told.join('').length).to.be.at.most(256_000);
  });
});
