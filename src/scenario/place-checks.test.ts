import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { checkPlaces, type KnownPlaces } from './place-checks.ts';
import { accepted, parse } from './testing/fixtures.ts';

const TEXT = readFileSync('scenarios/service-failover.yaml', 'utf8');
const ALL: KnownPlaces = [
  {
    ...{ cluster: 'tokyo', region: 'ap-northeast-1', zones: ['ap-northeast-1a', 'ap-northeast-1b', 'spare'] },
    gatewayZones: ['ap-northeast-1a', 'ap-northeast-1b'],
  },
  { cluster: 'hangzhou', region: 'cn-hangzhou', zones: ['cn-hangzhou-h'], gatewayZones: ['cn-hangzhou-h'] },
];

/** What is wrong after some edits: place, message and hint. */
function problems(edits: readonly (readonly [string, string])[], known = ALL): string[] {
  const text = edits.reduce((all, [from, to]) => {
    expect(all).to.include(from);
    return all.replace(from, to);
  }, TEXT);
  return checkPlaces(accepted(parse(text)), known).map(
    ({ line, column, message, hint }) => `${line}:${column} ${message}; ${hint}`,
  );
}

describe('scenario: places of a target', () => {
  it('are all there in what comes with faultline', () => {
    expect(problems([])).to.deep.equal([]);
  });

  it('are told where they are not, at their line, with the nearest and all that there are', () => {
    expect(problems([['{ zone: ap-northeast-1b }', '{ zone: ap-northeast-1x }']])).to.deep.equal([
      '37:23 the target has no zone `ap-northeast-1x`; did you mean `ap-northeast-1a`? It has `ap-northeast-1a`, `ap-northeast-1b`, `cn-hangzhou-h` and `spare`',
    ]);
    const others: [string, string, string][] = [
      ['from: { zone: ap-northeast-1a }', 'from: { zone: mars }', '36:21 the target has no zone `mars`'],
      ['{ region: cn-hangzhou }', '{ region: cn }', '37:52 the target has no region `cn`'],
      ['except: { zone: ap-northeast-1a }', 'except: [{ region: x }]', '43:38 the target has no region `x`'],
      ['cluster: tokyo', 'cluster: tokio', '26:18 the target has no cluster `tokio`; did you mean `tokyo`?'],
      ['service: mockb', 'service: mars/default/mockb:8000', '35:16 the target has no cluster `mars`'],
      ['via: each-gateway-zone', 'via: [{ zone: spare }]', '18:23 the target has no gateway in zone `spare`'],
      [
        'via: each-gateway-zone',
        'via: [{ zone: cn-hangzhou-h, cluster: tokyo }]',
        '18:23 the cluster `tokyo` has no gateway in zone `cn-hangzhou-h`',
      ],
      [
        '{ zone: ap-northeast-1b }',
        '{ zone: ap-northeast-1b, cluster: hangzhou }',
        '37:23 the cluster `hangzhou` has no zone `ap-northeast-1b`',
      ],
    ];
    for (const [from, to, message] of others) {
      const [first = '', ...more] = problems([[from, to]]);
      expect(first).to.contain(message);
      expect(more, message).to.deep.equal([]);
    }
  });

  it('may lie where no gateway is, and are not missed in a cluster that does not tell its zones', () => {
    expect(problems([['{ zone: ap-northeast-1b }', '{ zone: spare }']])).to.deep.equal([]);
    const mute = ALL.map(({ zones: _, ...rest }) => rest);
    expect(problems([['{ zone: ap-northeast-1b }', '{ zone: mars }']], mute)).to.deep.equal([]);
    expect(problems([['cluster: tokyo', 'cluster: mars']], mute)).to.have.length(1);
  });

  it('leave somebody who must not notice', () => {
    const both = '[{ region: ap-northeast-1 }, { cluster: hangzhou }]';
    expect(problems([['except: { zone: ap-northeast-1a }', `except: ${both}`]])[0]).to.match(
      /^43:\d+ every gateway zone/,
    );
    const own: [string, string] = ['via: each-gateway-zone', 'via: [{ zone: ap-northeast-1a }]'];
    expect(problems([own])[0]).to.contain('nobody is left who must not notice');
  });
});
