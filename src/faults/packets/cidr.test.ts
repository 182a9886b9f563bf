import { expect } from 'chai';
import { isEveryone, isWithin, whyNoRange } from './cidr.ts';

describe('ranges of addresses', () => {
  it('are addresses and prefixes of both families', () => {
    for (const good of [
      '10.0.0.0/8',
      '10.1.2.3',
      '10.1.2.3/32',
      '0.0.0.0/0',
      '10.1.128.0/17',
      'fd00::/8',
      '::/0',
      '::1',
      '1:2:3:4:5:6:7:8',
    ]) {
      expect(whyNoRange(good), good).to.equal(undefined);
    }
  });

  it('are nothing else, and no text for a shell', () => {
    for (const bad of [
      '',
      '10.0.0',
      '256.0.0.1',
      '01.0.0.1',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0.0/8 -j ACCEPT',
      '$(id)',
      '1::2::3',
      '1:2:3',
      'fd00::/129',
      'host',
      ':',
      ':::',
      '::ffff:1.2.3.4',
      '1.2.3.4/8/8',
      '10.0.0.0/x',
    ]) {
      expect(whyNoRange(bad), bad).to.not.equal(undefined);
    }
  });

  it('are refused where iptables would make a wider one of them', () => {
    expect(whyNoRange('10.1.2.3/8')).to.contain('beyond its prefix');
    expect(whyNoRange('10.1.2.0/23')).to.equal(undefined);
    expect(whyNoRange('10.1.1.0/23')).to.contain('beyond its prefix');
    expect(whyNoRange('fd00::1/64')).to.contain('beyond its prefix');
  });

  it('are everyone of a family only without a prefix bit', () => {
    const everyone = [
      ['0.0.0.0/0'],
      ['::/0'],
      ['128.0.0.0/1', '0.0.0.0/1'],
      ['10.0.0.0/8', '::/1', '8000::/1', '::/8'],
    ];
    for (const ranges of everyone) expect(isEveryone(ranges), ranges.join()).to.equal(true);
    const some = [[], ['10.0.0.0/8'], ['0.0.0.0/1', '::/1'], ['0.0.0.0/1', '192.0.0.0/2'], ['128.0.0.0/1'], ['x']];
    for (const ranges of some) expect(isEveryone(ranges), ranges.join()).to.equal(false);
  });

  it('hold the addresses that lie in them', () => {
    const within = [
      ['10.1.2.3', '10.0.0.0/8'],
      ['10.1.2.3', '10.1.2.3'],
      ['10.1.2.3', '10.1.2.2/31'],
      ['0.0.0.0', '0.0.0.0/0'],
      ['fd00::8', 'fd00::/16'],
      ['fd00:0:0::8', 'fd00::8'],
    ] as const;
    for (const [address, range] of within) expect(isWithin(address, range), `${address} ${range}`).to.equal(true);
    const beyond = [
      ['11.0.0.0', '10.0.0.0/8'],
      ['9.255.255.255', '10.0.0.0/8'],
      ['10.1.2.4', '10.1.2.2/31'],
      ['::a00:1', '10.0.0.0/8'],
      ['10.0.0.1', '::/0'],
      ['', '0.0.0.0/0'],
      ['10.0.0.1', 'None'],
    ] as const;
    for (const [address, range] of beyond) expect(isWithin(address, range), `${address} ${range}`).to.equal(false);
  });
});
