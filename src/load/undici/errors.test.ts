import { expect } from 'chai';
import { errors } from 'undici';
import type { TransportError } from '../../model/record.ts';
import { classify, localShortage } from './errors.ts';

function coded(code: string, cause?: unknown): Error {
  return Object.assign(new Error(code, { cause }), { code });
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
    }
  });

  it('knows when this machine ran short, which says nothing about the target', () => {
    expect(localShortage(new Error('x', { cause: coded('EMFILE') }))).to.equal('EMFILE');
    expect(localShortage(coded('EADDRNOTAVAIL'))).to.equal('EADDRNOTAVAIL');
    expect(localShortage(coded('ECONNREFUSED'))).to.equal(undefined);
  });
});
