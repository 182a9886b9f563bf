import { expect } from 'chai';
import fc from 'fast-check';
import type { Aim } from './data.ts';
import { aimWords, effectWords, matchWords, peerWords, whoseWords } from './words.ts';

const AIM: Aim = {
  ...{ namespaces: ['shop', 'pay'], owner: null, service: null, selector: null, zone: null, region: null },
  ...{ count: null, percent: null },
};
const CALLS = ['in', 'out', 'both'] as const;
const name = fc.stringMatching(/^[a-z]{5,9}$/);

describe('the words of a fault of packets', () => {
  it('name every part of an aim that narrows it, and no other', () => {
    const part = fc.option(name);
    const parts = fc.record({ owner: part, service: part, selector: part, zone: part, region: part });
    fc.assert(
      fc.property(parts, (given) => {
        const words = aimWords({ ...AIM, ...given });
        const said = words.slice('pods of '.length, words.indexOf(' (')).split(', ').filter(Boolean);
        const wanted = Object.values(given).filter((one) => one !== null);
        expect(said.map((one) => one.split(' ').at(-1))).to.deep.equal(wanted);
        expect(words).to.match(/^pods of .*\(shop, pay\)$/);
      }),
    );
    expect(
      aimWords({ ...AIM, owner: 'Deployment/web', service: 's', selector: 'a=b', zone: 'z', region: 'r' }),
    ).to.equal('pods of Deployment/web, Service s, labels a=b, zone z, region r (shop, pay)');
  });

  it('tell all directions, ports and ends from each other', () => {
    const ports = [null, 80, 8000];
    const whose = CALLS.flatMap((calls) => ports.map((port) => whoseWords(calls, port, 'web-1, web-2')));
    expect(whose).to.deep.equal([
      ...['calls to web-1, web-2', 'calls to port 80 of web-1, web-2', 'calls to port 8000 of web-1, web-2'],
      ...['calls by web-1, web-2', 'calls to port 80 by web-1, web-2', 'calls to port 8000 by web-1, web-2'],
      ...['web-1, web-2', 'web-1, web-2, port 80', 'web-1, web-2, port 8000'],
    ]);
    const ends = [null, ['10.0.0.1'], ['10.0.0.1', '10.0.0.2']];
    const matches = CALLS.flatMap((calls) =>
      ports.flatMap((port) => ends.map((peers) => matchWords({ calls, port, peers }))),
    );
    expect(new Set(matches).size).to.equal(matches.length);
    expect(matchWords({ calls: 'out', port: 80, peers: ['10.0.0.1', '10.0.0.2'] })).to.equal(
      'calls out to 10.0.0.1, 10.0.0.2 port 80',
    );
    expect(matchWords({ calls: 'both', port: null, peers: null })).to.equal('to and from anybody');
  });

  it('name an effect with its size, and a peer as it was written', () => {
    expect(effectWords({ kind: 'loss', ratio: 0.07 })).to.equal('lose 7% of the packets');
    expect(effectWords({ kind: 'loss', ratio: 0.001 })).to.equal('lose 0.1% of the packets');
    expect(effectWords({ kind: 'delay', ms: 200 })).to.equal('delay packets by 200ms');
    expect(effectWords({ kind: 'refuse' })).to.equal('refuse packets');
    const peers = [
      { kind: 'everyone' },
      { kind: 'ranges', ranges: ['10.0.0.0/8', 'fd00::/8'] },
      { kind: 'service', namespace: 'shop', service: 'web' },
      { kind: 'pods', aim: { ...AIM, zone: 'a' } },
    ] as const;
    expect(peers.map(peerWords)).to.deep.equal([
      'anybody',
      '10.0.0.0/8, fd00::/8',
      'Service shop/web',
      'pods of zone a (shop, pay)',
    ]);
  });
});
