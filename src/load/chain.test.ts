import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { FaultlineError } from '../model/errors.ts';
import type { Hop } from '../model/record.ts';
import type { ChainPattern } from '../model/scenario.ts';
import { type ChainParser, compileChain } from './chain.ts';

const MOCK = '-> {service}(version: {zone}, ip: {ip})';
const REFUSED =
  'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, ' +
  'transport failure reason: delayed connect error: Connection refused';

/** Compiles a template of hops that are the whole body, unless more is said. */
function compile(template: string, more: Partial<ChainPattern> = {}): ChainParser {
  return compileChain({ from: { kind: 'body' }, hop: template, ...more });
}

function hop(service: string, zone: string, ip = ''): Hop {
  return { service, zone, ip };
}

function print(template: string, hops: readonly Hop[], between = ''): string {
  return hops
    .map((h) => template.replace('{service}', h.service).replace('{zone}', h.zone).replace('{ip}', h.ip))
    .join(between);
}

const NAME = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?$/);
const HOP = fc.record({ service: NAME, zone: NAME, ip: fc.ipV4() });
const SPACE = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
/** Literal text with characters that mean something to regular expressions, and none that a name has. */
const LITERAL = fc.stringMatching(/^[()[\]{}|*+?^$\\<>=,:;~@# ]{0,6}$/);
const TEMPLATE = fc
  .tuple(LITERAL, LITERAL, LITERAL, LITERAL, fc.shuffledSubarray(['{service}', '{zone}', '{ip}'], { minLength: 3 }))
  .map(([a, b, c, d, [x, y, z]]) => `${a.trim()}${x}${b.trim() || '('}${y}${c.trim() || '|'}${z}${d.trim() || ')'}`);

describe('load/chain', () => {
  const parse = compile(MOCK);

  it('reads the documented answer of the mock services', () => {
    const text =
      '-> mocka(version: ap-northeast-1b, ip: 10.1.225.40)-> mockb(version: ap-northeast-1c, ip: 10.1.225.31)';
    expect(parse(text)).to.deep.equal({
      hops: [hop('mocka', 'ap-northeast-1b', '10.1.225.40'), hop('mockb', 'ap-northeast-1c', '10.1.225.31')],
      rest: '',
    });
  });

  it('reads the vectors that the Go parser of the k6 extension reads too', () => {
    const vectors = JSON.parse(readFileSync(new URL('./chain-vectors.json', import.meta.url), 'utf8')) as {
      hop: string;
      text: string;
      hops: [string, string, string][];
      rest: string;
    }[];
    expect(vectors).to.not.have.length(0);
    for (const { hop: template, text, hops, rest } of vectors) {
      const expected = { hops: hops.map(([service, zone, ip]) => hop(service, zone, ip)), rest };
      expect(compile(template)(text), text).to.deep.equal(expected);
    }
  });

  it('keeps the hops that were there when an upstream call failed', () => {
    expect(parse(`-> mocka(version: cn-hangzhou-h, ip: 192.168.122.135)${REFUSED}`)).to.deep.equal({
      hops: [hop('mocka', 'cn-hangzhou-h', '192.168.122.135')],
      rest: REFUSED,
    });
  });

  it('skips white space around hops and nothing else', () => {
    const two = [hop('a', 'x', '1.1.1.1'), hop('b', 'y', '::1')];
    expect(parse(` \n${print(MOCK, two, '\n ')}\r\n`)).to.deep.equal({ hops: two, rest: '' });
    expect(parse(`${print(MOCK, two)}.`)).to.deep.equal({ hops: two, rest: '.' });
    expect(parse(`x${print(MOCK, two)}`).hops).to.deep.equal([]);
  });

  it('takes no value that is empty, has white space or is longer than a name can be', () => {
    for (const service of ['', 'a b', 'a\tb', 'x'.repeat(254)]) {
      const text = print(MOCK, [hop(service, 'z', '1')]);
      expect(parse(text), service).to.deep.equal({ hops: [], rest: text.slice(0, 256) });
    }
    const longest = hop('x'.repeat(253), 'z', '1');
    expect(parse(print(MOCK, [longest])).hops).to.deep.equal([longest]);
  });

  it('cuts the rest, and stops at 64 hops', () => {
    expect(parse('e'.repeat(1000)).rest).to.equal('e'.repeat(256));
    const many = parse(print(MOCK, Array<Hop>(65).fill(hop('a', 'z', '1'))));
    expect(many.hops).to.have.length(64);
    expect(many.rest).to.equal(print(MOCK, [hop('a', 'z', '1')]));
  });

  it('reads templates that end with a placeholder, and templates without an ip', () => {
    const hops = [hop('a', 'x'), hop('b', 'y')];
    expect(compile('{service}@{zone}')('a@x b@y\n')).to.deep.equal({ hops, rest: '' });
    expect(compile('>{service}@{zone}')('>a@x>b@y')).to.deep.equal({ hops, rest: '' });
    expect(compile('[{service}/{zone}]')('[a/x][b/y]')).to.deep.equal({ hops, rest: '' });
  });

  it('reads a pod, an address or a zone alone', () => {
    expect(compile('{zone}')('x y')).to.deep.equal({ hops: [hop('', 'x'), hop('', 'y')], rest: '' });
    expect(compile('{ip};')('1.1.1.1;::1;').hops).to.deep.equal([hop('', '', '1.1.1.1'), hop('', '', '::1')]);
    const pods = [
      { ...hop('', ''), pod: 'shop-7f9c-x2' },
      { ...hop('', ''), pod: 'shop-7f9c-k4' },
    ];
    expect(compile('by {pod},')('by shop-7f9c-x2, by shop-7f9c-k4,')).to.deep.equal({ hops: pods, rest: '' });
  });

  it('finds hops between other text, and takes that text for nothing', () => {
    const zone = compile('"zone":"{zone}"', { anywhere: true });
    const text = '{"id":17,"zone":"x","items":[{"zone":"y","n":2}],"zone":1}';
    expect(zone(text)).to.deep.equal({ hops: [hop('', 'x'), hop('', 'y')], rest: '' });
    expect(zone('nothing of it')).to.deep.equal({ hops: [], rest: '' });
    expect(zone('"zone":"x"', true)).to.deep.equal({ hops: [hop('', 'x')], rest: '' });
    expect(() => compile('{zone};', { anywhere: true })).to.throw(FaultlineError, 'begins with no text');
  });

  it('gives up on a text that begins like a hop again and again', () => {
    const zone = compile('<b>{zone}</b>', { anywhere: true });
    expect(zone(`${'<b> '.repeat(999)}<b>x</b>`).hops).to.deep.equal([hop('', 'x')]);
    expect(zone(`${'<b> '.repeat(1000)}<b>x</b>`).hops).to.deep.equal([]);
  });

  it('reads a value in JSON: a text, or the entries of a list', () => {
    const by = compile('{zone}/{pod}', { from: { kind: 'pointer', pointer: '/served/by' } });
    const pod = (name: string) => ({ ...hop('', 'x'), pod: name });
    expect(by('{"n":1,"served":{"by":"x/a"}}')).to.deep.equal({ hops: [pod('a')], rest: '' });
    expect(by('{"served":{"by":["x/a","x/b"]}}').hops).to.deep.equal([pod('a'), pod('b')]);
    expect(by('{"served":{"by":"x/a, x"}}').rest).to.equal('x');
    for (const none of ['{"served":{}}', '{"served":{"by":null}}', 'no JSON', '']) {
      expect(by(none), none).to.deep.equal({ hops: [], rest: 'no /served/by in the body' });
    }
    expect(by('{"served":{"by":"x/a"}}', true).rest).to.equal('no /served/by in the body');
    const objects = compile('{"at":"{zone}"}', { from: { kind: 'pointer', pointer: '/by' } });
    expect(objects('{"by": [{"at": "x"}, {"at": "y"}]}').hops).to.deep.equal([hop('', 'x'), hop('', 'y')]);
  });

  it('refuses templates that cannot be read back', () => {
    const wrong = {
      'plain text': 'has no placeholder',
      '{svc}': 'has no placeholder',
      '{pod} and {pod}': 'has {pod} twice',
      '{service}{zone}': 'has nothing between {service} and {zone}',
      '{service}({zone})({zone})': 'has {zone} twice',
    };
    for (const [template, words] of Object.entries(wrong)) {
      expect(() => compile(template), template).to.throw(FaultlineError, words);
    }
  });

  it('property: what is printed with any template and white space reads back', () => {
    fc.assert(
      fc.property(TEMPLATE, fc.array(HOP, { maxLength: 8 }), SPACE, (template, hops, space) => {
        expect(compile(template)(print(template, hops, space))).to.deep.equal({ hops, rest: '' });
      }),
      { numRuns: 1000 },
    );
  });

  it('property: hops and rest account for every character of any text', () => {
    const pieces = fc.constantFrom(
      '-> ',
      'a',
      '(version: ',
      'z',
      ', ip: ',
      '1',
      ')',
      ' ',
      '\n',
      'é',
      '\u0000',
      '\ud800',
    );
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (body) => {
        const { hops, rest } = parse(body);
        const squeeze = (s: string) => s.replace(/[ \t-\r]/g, '');
        const whole = squeeze(body);
        const read = squeeze(print(MOCK, hops));
        expect(whole.startsWith(read)).to.equal(true);
        expect(whole.slice(read.length).startsWith(squeeze(rest))).to.equal(true);
        expect(rest === '').to.equal(whole.length === read.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('looks at each character of a hostile text a bounded number of times', () => {
    let looks = 0;
    const text = '-> a('.repeat(20_000);
    // A stand-in for a string that counts how often it is looked at.
    const counted = {
      length: text.length,
      charCodeAt: (at: number) => {
        looks += 1;
        return text.charCodeAt(at);
      },
      startsWith: (part: string, at: number) => text.startsWith(part, at),
      slice: (from: number, to: number) => text.slice(from, to),
    } as unknown as string;
    expect(parse(counted).hops).to.deep.equal([]);
    expect(looks).to.be.within(1, 4 * 253 * 3);
  });
});
