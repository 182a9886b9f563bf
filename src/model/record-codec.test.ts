import { expect } from 'chai';
import fc from 'fast-check';
import { type Chain, type RecordHeader, type RequestRecord, TRANSPORT_ERRORS } from './record.ts';
import {
  decodeLine,
  emptyRecord,
  encodeChain,
  encodeHeader,
  encodePath,
  encodeRequest,
  encodeText,
  TEXT_LIMIT,
} from './record-codec.ts';

type Told =
  | { header: RecordHeader }
  | { path: number; id: string }
  | { index: number; chain: Chain }
  | { index: number; value: string }
  | { request: RequestRecord }
  | { corrupt: number; text: string };

function decode(text: string, number = 1): Told[] {
  const told: Told[] = [];
  decodeLine(text, number, emptyRecord(), {
    header: (header) => told.push({ header }),
    path: (path, id) => told.push({ path, id }),
    chain: (index, chain) => told.push({ index, chain }),
    text: (index, value) => told.push({ index, value }),
    request: (request) => told.push({ request: { ...request } }),
    corrupt: (corrupt, line) => told.push({ corrupt, text: line }),
  });
  return told;
}

/** One line without its newline, which must be there once and at the end. */
function line(encoded: string): string {
  expect(encoded.indexOf('\n')).to.equal(encoded.length - 1);
  return encoded.slice(0, -1);
}

const COUNT = fc.nat({ max: 2 ** 31 - 1 });
const TIME = fc.maxSafeNat();
const TEXT = fc.string({ unit: 'binary' });
const KEY = { path: fc.nat({ max: 500 }), seq: COUNT, due: TIME };
const RESPONSE = fc.record<RequestRecord>({
  ...KEY,
  start: TIME,
  end: TIME,
  ended: fc.constant('response'),
  status: fc.integer({ min: 100, max: 999 }),
  error: fc.constant(undefined),
  chain: COUNT,
  text: fc.oneof(fc.constant(-1), COUNT),
  fresh: fc.boolean(),
});
const ERROR = fc.record<RequestRecord>({
  ...KEY,
  start: TIME,
  end: TIME,
  ended: fc.constant('error'),
  status: fc.constant(0),
  error: fc.constantFrom(...TRANSPORT_ERRORS),
  chain: fc.constant(-1),
  text: fc.oneof(fc.constant(-1), COUNT),
  fresh: fc.boolean(),
});
const DROPPED = fc.record(KEY).map((key) => ({ ...emptyRecord(), ...key, start: key.due, end: key.due }));
const CHAIN = fc.record({
  hops: fc.array(fc.record({ service: TEXT, zone: TEXT, ip: TEXT }), { maxLength: 5 }),
  rest: TEXT,
});

describe('model/record-codec', () => {
  it('writes the documented lines', () => {
    expect(encodeHeader({ format: 'faultline/requests', v: 1, engine: 'undici' })).to.equal(
      '{"format":"faultline/requests","v":1,"engine":"undici"}\n',
    );
    expect(encodePath(0, 'entry@tokyo/a')).to.equal('{"path":0,"id":"entry@tokyo/a"}\n');
    expect(encodeChain(0, { hops: [{ service: 's', zone: 'z', ip: '' }], rest: 'r' })).to.equal(
      '{"chain":0,"hops":[["s","z",""]],"rest":"r"}\n',
    );
    expect(encodeText(0, 'self-signed certificate')).to.equal('{"text":0,"value":"self-signed certificate"}\n');
    const sent = { ...emptyRecord(), seq: 17, due: 340_000, start: 340_102, end: 343_310 };
    expect(encodeRequest({ ...sent, ended: 'response', status: 200, chain: 0 })).to.equal(
      '{"p":0,"n":17,"due":340000,"t0":340102,"t1":343310,"s":200,"c":0,"f":0}\n',
    );
    expect(encodeRequest({ ...sent, ended: 'error', error: 'timeout', fresh: true })).to.equal(
      '{"p":0,"n":17,"due":340000,"t0":340102,"t1":343310,"e":"timeout","f":1}\n',
    );
    expect(encodeRequest({ ...sent, ended: 'error', error: 'tls', text: 0 })).to.equal(
      '{"p":0,"n":17,"due":340000,"t0":340102,"t1":343310,"e":"tls","x":0,"f":0}\n',
    );
    expect(encodeRequest({ ...sent, ended: 'dropped' })).to.equal('{"p":0,"n":17,"due":340000,"d":1}\n');
  });

  it('stays below 150 bytes for a record of a day-long run', () => {
    const day = 86_400_000_000;
    const record = { ...emptyRecord(), path: 99, seq: 4_320_000, due: day, start: day, end: day, fresh: true };
    expect(encodeRequest({ ...record, ended: 'response', status: 200, chain: 10_000 }).length).to.be.lessThan(150);
    expect(encodeRequest({ ...record, ended: 'error', error: 'unreachable', text: 1000 }).length).to.be.lessThan(150);
  });

  it('property: requests read back as they were', () => {
    fc.assert(
      fc.property(fc.oneof(RESPONSE, ERROR, DROPPED), (request) => {
        expect(decode(line(encodeRequest(request)))).to.deep.equal([{ request }]);
      }),
      { numRuns: 1000 },
    );
  });

  it('property: chains, paths and headers read back as they were, whatever text is in them', () => {
    fc.assert(
      fc.property(CHAIN, TEXT, COUNT, (chain, text, index) => {
        expect(decode(line(encodeChain(index, chain)))).to.deep.equal([{ index, chain }]);
        expect(decode(line(encodePath(index, text)))).to.deep.equal([{ path: index, id: text }]);
        const header = { format: 'faultline/requests', v: 1, engine: text } as const;
        expect(decode(line(encodeHeader(header)))).to.deep.equal([{ header }]);
      }),
    );
  });

  it('property: the words of an error read back as they were, cut at the limit, whatever is in them', () => {
    const LONG = fc.string({ unit: 'binary', maxLength: 2 * TEXT_LIMIT, size: 'max' });
    fc.assert(
      fc.property(fc.oneof(TEXT, LONG), COUNT, (text, index) => {
        expect(decode(line(encodeText(index, text)))).to.deep.equal([{ index, value: text.slice(0, TEXT_LIMIT) }]);
      }),
    );
    const [whole, longer] = ['w'.repeat(TEXT_LIMIT), 'w'.repeat(TEXT_LIMIT + 1)];
    expect(encodeText(0, whole)).to.equal(`{"text":0,"value":"${whole}"}\n`);
    expect(encodeText(0, longer)).to.equal(encodeText(0, whole));
  });

  it('takes no foreign line for the words of an error', () => {
    for (const foreign of [
      '{"text":0}',
      '{"text":0,"value":7}',
      '{"text":0,"value":null}',
      '{"text":-1,"value":"words"}',
      '{"text":0.5,"value":"words"}',
      '{"text":"0","value":"words"}',
      '{"text":"words"}',
      '{"value":"words"}',
    ]) {
      expect(decode(foreign, 4), foreign).to.deep.equal([{ corrupt: 4, text: foreign }]);
    }
  });

  it('property: a torn line of words is corrupt, never other words', () => {
    fc.assert(
      fc.property(TEXT, COUNT, fc.double({ min: 0, max: 1, noNaN: true }), (text, index, share) => {
        const whole = line(encodeText(index, text));
        const torn = whole.slice(0, Math.floor(share * (whole.length - 1)));
        expect(decode(torn, 3)).to.deep.equal([{ corrupt: 3, text: torn }]);
      }),
    );
  });

  it('reads words of what was answered or went wrong, and none where the line has none', () => {
    const textOf = (rest: string) => {
      const [told] = decode(`{"p":0,"n":0,"due":5,"t0":5,"t1":9,${rest},"f":0}`);
      return (told as { request: RequestRecord }).request.text;
    };
    for (const rest of ['"e":"tls","x":3', '"s":200,"c":0,"x":3']) expect(textOf(rest), rest).to.equal(3);
    for (const rest of ['"e":"tls"', '"e":"tls","x":-1', '"e":"tls","x":"3"', '"e":"tls","x":null']) {
      expect(textOf(rest), rest).to.equal(-1);
    }
    for (const rest of ['"s":200,"c":0', '"d":1,"x":3']) expect(textOf(rest), rest).to.equal(-1);
  });

  it('property: any other text is reported as corrupt, once, and never thrown', () => {
    fc.assert(
      fc.property(fc.oneof(TEXT, fc.json()), COUNT, (text, number) => {
        expect(decode(text, number)).to.deep.equal([{ corrupt: number, text }]);
      }),
      { numRuns: 1000 },
    );
  });

  it('property: a torn request line is corrupt, never another request', () => {
    fc.assert(
      fc.property(fc.oneof(RESPONSE, ERROR, DROPPED), fc.double({ min: 0, max: 1, noNaN: true }), (request, share) => {
        const whole = line(encodeRequest(request));
        const torn = whole.slice(0, Math.floor(share * (whole.length - 1)));
        expect(decode(torn, 3)).to.deep.equal([{ corrupt: 3, text: torn }]);
      }),
    );
  });

  it('refuses counts that are none and reads an unknown error as other', () => {
    for (const bad of [
      '{"p":-1,"n":0,"due":0,"d":1}',
      '{"p":0,"n":1.5,"due":0,"d":1}',
      '{"p":0,"n":0,"due":"1","d":1}',
    ]) {
      expect(decode(bad), bad).to.deep.equal([{ corrupt: 1, text: bad }]);
    }
    const unknown = decode('{"p":0,"n":0,"due":5,"t0":5,"t1":9,"e":"quantum","f":0}')[0] as { request: RequestRecord };
    expect(unknown.request.error).to.equal('other');
  });
});
