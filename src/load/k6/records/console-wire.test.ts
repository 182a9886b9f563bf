import { expect } from 'chai';
import fc from 'fast-check';
import { CONSOLE_WIRE } from './console-wire.ts';
import type { WireRequest } from './wire.ts';

const read = (text: string) => CONSOLE_WIRE.read(text) as WireRequest | undefined;

const told = (more: object) => JSON.stringify({ p: 1, i: 7, b: 10.5, t0: 11.25, t1: 20.7509, ...more });
const failed = (e: unknown, m: unknown = '') => read(told({ e, m }));

describe('load/k6/records/console-wire: a request as the script module tells it', () => {
  it('reads a response, with times in microseconds', () => {
    expect(read(told({ s: 503, x: 'text' }))).to.deep.equal({
      type: 'request',
      path: 1,
      number: 7,
      began: 10_500,
      judged: 0,
      start: 11_250,
      end: 20_750,
      status: 503,
      chain: { text: 'text', truncated: false },
      error: undefined,
      words: undefined,
      shortage: undefined,
      fresh: true,
    });
    expect(read(told({ s: 200, x: 'te', cut: 1 }))?.chain).to.deep.equal({ text: 'te', truncated: true });
    expect(read(told({ s: 200 }))?.chain).to.deep.equal({ text: '', truncated: false });
    expect(read(told({ s: 200, x: 'too many open files', e: 1050 }))).to.include({
      error: undefined,
      shortage: undefined,
    });
  });

  it("knows k6's codes", () => {
    const codes = [1050, 1211, 1212, 1201, 1220, 1100, 1101, 1109, 1300, 1310, 1399, 1600, 1610, 1699];
    expect(codes.map((code) => failed(code)?.error)).to.deep.equal(
      ['timeout', 'timeout', 'refused', 'reset', 'reset', 'dns', 'dns', 'dns', 'tls', 'tls', 'tls'].concat(
        Array<string>(3).fill('protocol'),
      ),
    );
    for (const code of [1000, 1099, 1110, 1111, 1299, 1400, 1599, 1700, 'x', null]) {
      expect(failed(code)?.error, String(code)).to.equal('other');
    }
    expect(failed(1050)).to.include({ status: 0, chain: -1, shortage: undefined });
  });

  it("tells apart by Go's words what k6 has one code for", () => {
    const words = {
      'dial: no route to host': 'unreachable',
      'connect: network is unreachable': 'unreachable',
      'connect: host is down': 'unreachable',
      'connect: network is down': 'unreachable',
      'net/http: TLS handshake timeout': 'timeout',
      'connection timed out': 'timeout',
      'Timeout exceeded': 'timeout',
      'context deadline exceeded': 'timeout',
      'connect: connection refused': 'refused',
      'read: connection reset by peer': 'reset',
      'write: broken pipe': 'reset',
      EOF: 'closed',
      'unexpected EOF': 'closed',
      'use of closed network connection': 'closed',
      'malformed HTTP response "x"': 'protocol',
      'http2: protocol error': 'protocol',
      'invalid header field': 'protocol',
      'invalid status code': 'protocol',
      GEOFENCE: 'other',
      '': 'other',
    };
    for (const [message, error] of Object.entries(words)) expect(failed(1000, message)?.error, message).to.equal(error);
    // A code that says one thing is believed before words.
    expect(failed(1220, 'timeout')?.error).to.equal('reset');
    expect(failed(1210, 'dial tcp: no route to host (timeout)')?.error).to.equal('unreachable');
    expect(failed(undefined, undefined)?.error).to.equal('other');
  });

  it("keeps k6's words and code of an error, except of the timeout that the harness has set", () => {
    const words = { message: 'dial: connection refused', code: 'k6 1212' };
    expect(failed(1212, words.message)?.words).to.deep.equal(words);
    expect(failed(1211, 'dial: i/o timeout')?.words).to.deep.equal({ message: 'dial: i/o timeout', code: 'k6 1211' });
    for (const code of [undefined, null, 'x', -1, 0, 0.5]) {
      expect(failed(code, 'EOF')?.words, String(code)).to.deep.equal({ message: 'EOF', code: '' });
    }
    expect(failed(1050, 'request timeout')).to.include({ error: 'timeout', words: undefined });
    expect(failed(1000, 'socket: too many open files')).to.include({ words: undefined });
    expect(read(told({ s: 200, e: 1212, m: 'dial' }))).to.include({ words: undefined });
  });

  it('says what the machine of k6 ran short of, and nothing of the target then', () => {
    const words = {
      'socket: too many open files': 'EMFILE',
      'connect: cannot assign requested address': 'EADDRNOTAVAIL',
      'write: no buffer space available': 'ENOBUFS',
      'fork: cannot allocate memory': 'ENOMEM',
    };
    for (const [message, shortage] of Object.entries(words)) {
      expect(failed(1050, message)).to.include({ shortage, error: undefined, status: 0 });
    }
  });

  it('knows what an iteration has spent in earlier requests, which cannot be more than it took', () => {
    expect(read(told({ s: 200, w: 0.75 }))?.judged).to.equal(750);
    expect(read(told({ s: 200, w: 0.76 }))).to.equal(undefined);
    // 1.001 ms are 1000.99… µs in floating point.
    expect(read(told({ s: 200, b: 1, w: 0.001, t0: 1.001 }))).to.include({ began: 1000, start: 1000 });
  });

  it('takes no words of a script for a request', () => {
    const foreign = [
      '',
      'hello',
      '{}',
      'null',
      ' {"p":0',
      '{"p":',
      '{"p":0}',
      '{"i":0,"p":0,"b":1,"t0":1,"t1":1,"s":200}',
    ];
    const values = [null, 'x', '1', [], true, -1, {}, undefined];
    const odd = values.flatMap((value) => ['p', 'i', 'b', 't0', 't1'].map((name) => told({ s: 200, [name]: value })));
    for (const text of [...foreign, ...odd]) expect(read(text), text).to.equal(undefined);
    for (const change of [{ p: 0.5 }, { i: 1.5 }, { i: 1e300 }, { t0: 10.4 }, { t1: 11.2 }, { b: 1e306, t0: 1e306 }]) {
      expect(read(told({ s: 200, ...change })), JSON.stringify(change)).to.equal(undefined);
    }
  });

  it('property: never throws, and what it takes are numbers that can be counted with', () => {
    const VALUE = fc.oneof(fc.jsonValue(), fc.double(), fc.nat(), fc.constant({ valueOf: 1, toString: 1 }));
    const NAMED = fc.dictionary(fc.constantFrom('i', 'b', 't0', 't1', 's', 'x', 'cut', 'e', 'm'), VALUE);
    const LINE = fc.tuple(VALUE, NAMED).map(([p, rest]) => JSON.stringify({ p, i: 0, b: 0, t0: 0, t1: 1e9, ...rest }));
    fc.assert(
      fc.property(
        fc.oneof(
          LINE,
          fc.string(),
          fc.string().map((text) => `{"p":${text}`),
        ),
        (text) => {
          const line = read(text);
          if (line === undefined) return;
          for (const value of [line.path, line.number, line.began, line.start, line.end, line.status]) {
            expect(Number.isSafeInteger(value) && value >= 0, text).to.equal(true);
          }
          expect(line.began <= line.start && line.start <= line.end, text).to.equal(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});
