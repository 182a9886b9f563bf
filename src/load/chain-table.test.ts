import { expect } from 'chai';
import type { Chain } from '../model/record.ts';
import { compileChain } from './chain.ts';
import { ChainTable } from './chain-table.ts';

function table(): { table: ChainTable; told: Chain[]; parsed: () => number } {
  const told: Chain[] = [];
  let parsed = 0;
  const scan = compileChain({ from: { kind: 'body' }, hop: '>{service}@{zone};' });
  const parse = (text: string, truncated?: boolean) => {
    parsed += 1;
    return scan(text, truncated);
  };
  const made = new ChainTable(parse, (index, chain) => {
    expect(index).to.equal(told.length);
    told.push(chain);
  });
  return { table: made, told, parsed: () => parsed };
}

describe('load/chain-table', () => {
  it('parses a text once and tells of it once', () => {
    const { table: chains, told, parsed } = table();
    expect([chains.index('>a@x;', false), chains.index('>b@x;', false), chains.index('>a@x;', false)]).to.deep.equal([
      0, 1, 0,
    ]);
    expect(told).to.have.length(2);
    expect(parsed()).to.equal(2);
    expect(chains.at(1)).to.deep.equal({ hops: [{ service: 'b', zone: 'x', ip: '' }], rest: '' });
  });

  it('gives texts that say the same chain one index', () => {
    const { table: chains, told } = table();
    expect(chains.index('>a@x;', false)).to.equal(chains.index(' >a@x;\n', false));
    expect(chains.index('e'.repeat(300), false)).to.equal(chains.index(`${'e'.repeat(300)}!`, false));
    expect(told).to.have.length(2);
  });

  it('tells a truncated body from a whole one with the same beginning', () => {
    const { table: chains } = table();
    const whole = chains.index('>a@x;', false);
    const cut = chains.index('>a@x;', true);
    expect(cut).not.to.equal(whole);
    expect(chains.at(cut)?.rest).to.equal('[body truncated at 65536 bytes] ');
    expect(chains.index('>a@x;', false)).to.equal(whole);
  });

  it('lets hostile bodies fill neither memory nor disk', () => {
    const { table: chains, told } = table();
    for (let i = 0; i < 10_000; i += 1) expect(chains.index(`>a@${i};`, false)).to.equal(i);
    const beyond = chains.index('>a@beyond;', false);
    expect(chains.at(beyond)).to.deep.equal({ hops: [], rest: 'too many distinct chains' });
    expect(chains.index('>a@further;', false)).to.equal(beyond);
    expect(chains.index('>a@7;', false)).to.equal(7);
    expect(told).to.have.length(10_001);
  });

  it('bounds the text of all chains together', () => {
    const { table: chains, told } = table();
    const long = (i: number) => `>${'s'.repeat(200)}@${'z'.repeat(200)};`.repeat(60) + i;
    let i = 0;
    while (i < 10_000 && chains.at(chains.index(long(i), false))?.rest !== 'too many distinct chains') i += 1;
    expect(i).to.be.lessThan(10_000);
    expect(told.reduce((sum, chain) => sum + JSON.stringify(chain).length, 0)).to.be.lessThan(8_400_000);
  });
});
