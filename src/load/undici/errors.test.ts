import { expect } from 'chai';
import { errors } from 'undici';
import type { TransportError } from '../../model/record.ts';
import { wording } from '../words.ts';
import { classify, localShortage, OwnTimeout, wordsOf } from './errors.ts';

function coded(code: string, cause?: unknown): Error {
  return Object.assign(new Error(code, { cause }), { code });
}

const PATH = { host: '10.1.2.3', port: 443 };

/** What people read of an error on the path to 10.1.2.3:443. */
function told(error: unknown): string | undefined {
  const words = wordsOf(error, PATH);
  return words === undefined ? undefined : wording(words);
}

function said(message: string, code: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

describe('load/undici/errors', () => {
  it('sorts what node and undici report', () => {
    const expected: Record<string, TransportError> = {
      ETIMEDOUT: 'timeout',
      UND_ERR_CONNECT_TIMEOUT: 'timeout',
      ECONNREFUSED: 'refused',
      ECONNRESET: 'reset',
      EPIPE: 'reset',
      EHOSTUNREACH: 'unreachable',
      ENETUNREACH: 'unreachable',
      UND_ERR_SOCKET: 'closed',
      UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'closed',
      UND_ERR_HEADERS_OVERFLOW: 'protocol',
      ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
      ERR_SSL_WRONG_VERSION_NUMBER: 'tls',
      EPROTO: 'tls',
      CERT_HAS_EXPIRED: 'tls',
      DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
      UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
      ENOTFOUND: 'dns',
      EAI_AGAIN: 'dns',
      EWHATEVER: 'other',
    };
    for (const [code, error] of Object.entries(expected)) expect(classify(coded(code)), code).to.equal(error);
  });

  it('tells a wrong answer from a closed connection', () => {
    expect(classify(new errors.SocketError('other side closed'))).to.equal('closed');
    expect(classify(new errors.SocketError('bad upgrade'))).to.equal('protocol');
    expect(classify(new errors.HTTPParserError('Expected HTTP/'))).to.equal('protocol');
    expect(classify(new errors.HTTPParserError('(Invalid EOF state)'))).to.equal('closed');
  });

  it('looks into causes and into all attempts of an aggregate', () => {
    expect(classify(new TypeError('failed', { cause: coded('ECONNREFUSED') }))).to.equal('refused');
    const attempts = new AggregateError([coded('EWHATEVER'), coded('ENETUNREACH')]);
    expect(classify(attempts)).to.equal('unreachable');
    expect(classify(new Error('outer', { cause: attempts }))).to.equal('unreachable');
  });

  it('survives whatever can be thrown', () => {
    const circle = new Error('circle');
    circle.cause = circle;
    for (const thrown of [circle, undefined, null, 'text', 7, {}, Object.assign(new Error('x'), { code: 5 })]) {
      expect(classify(thrown)).to.equal('other');
      expect(localShortage(thrown)).to.equal(undefined);
      expect(told(thrown)).to.be.oneOf([undefined, 'circle', 'x']);
    }
  });

  it('keeps the words and the code of what went wrong', () => {
    const words = 'self-signed certificate in certificate chain';
    expect(told(said(words, 'SELF_SIGNED_CERT_IN_CHAIN'))).to.equal(`${words} (SELF_SIGNED_CERT_IN_CHAIN)`);
    expect(told(said('getaddrinfo ENOTFOUND gw.example', 'ENOTFOUND'))).to.equal(
      'getaddrinfo ENOTFOUND gw.example (ENOTFOUND)',
    );
    expect(told(new errors.SocketError('other side closed'))).to.equal('other side closed (UND_ERR_SOCKET)');
    expect(told(new Error('without a code'))).to.equal('without a code');
    expect(told(said('', 'ECONNRESET'))).to.equal('ECONNRESET');
  });

  it("leaves out the path's own address and no other", () => {
    const refused = (address: string) => told(said(`connect ECONNREFUSED ${address}`, 'ECONNREFUSED'));
    expect(refused('10.1.2.3:443')).to.equal('connect ECONNREFUSED (ECONNREFUSED)');
    expect(refused('10.1.2.4:443')).to.equal('connect ECONNREFUSED 10.1.2.4:443 (ECONNREFUSED)');
  });

  it('takes the innermost words that are of the kind in the record', () => {
    const inner = said('connect EHOSTUNREACH 10.9.9.9:443', 'EHOSTUNREACH');
    expect(told(new TypeError('fetch failed', { cause: inner }))).to.include('connect EHOSTUNREACH 10.9.9.9:443');
    expect(told(new AggregateError([said('refused', 'EWHATEVER'), inner]))).to.include('EHOSTUNREACH 10.9.9.9');
    // Classified by the outer one: the words of another kind would contradict the record.
    expect(told(said('read ECONNRESET', 'ECONNRESET', inner))).to.equal('read ECONNRESET (ECONNRESET)');
    expect(told(new Error('outer', { cause: new Error('inner') }))).to.equal('inner');
  });

  it('has no words for the timeout of the harness, and some for one of the network', () => {
    const own = new OwnTimeout('no whole answer in time');
    expect(classify(own)).to.equal('timeout');
    expect(told(own)).to.equal(undefined);
    expect(told(new Error('aborted', { cause: own }))).to.equal(undefined);
    expect(told(said('connect ETIMEDOUT 10.1.2.3:443', 'ETIMEDOUT'))).to.equal('connect ETIMEDOUT (ETIMEDOUT)');
  });

  it('knows when this machine ran short, which says nothing about the target', () => {
    expect(localShortage(new Error('x', { cause: coded('EMFILE') }))).to.equal('EMFILE');
    expect(localShortage(coded('EADDRNOTAVAIL'))).to.equal('EADDRNOTAVAIL');
    expect(localShortage(coded('ECONNREFUSED'))).to.equal(undefined);
  });
});
