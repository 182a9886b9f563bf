import { expect } from 'chai';
import fc from 'fast-check';
import { hideable, isSecretHeader, REDACTED, redactChain, redactor, tracesOf } from './redact.ts';

const secret = fc.stringMatching(/^[A-Za-z0-9+/=_-]{8,40}$/).filter((text) => !REDACTED.includes(text));
const around = fc.stringMatching(/^[ -Z^-~\n]{0,60}$/);

describe('redact', () => {
  it('no text holds a value that is hidden, whatever stands around it', () => {
    const cases = fc.tuple(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.array(around, { minLength: 1 }));
    fc.assert(
      fc.property(cases, ([secrets, parts]) => {
        const text = parts.map((part, index) => part + secrets[index % secrets.length]).join('');
        const shown = redactor(secrets.flatMap(tracesOf))(text);
        for (const one of secrets) expect(shown).to.not.contain(one);
      }),
    );
  });

  it('a text without secrets stays as it is', () => {
    const redact = redactor(tracesOf('Bearer s3cr3t-value'));
    fc.assert(fc.property(around, (text) => redact(text) === text || text.includes('s3cr3t-v')));
    expect(redactor([])('Bearer s3cr3t-value')).to.equal('Bearer s3cr3t-value');
  });

  it('hides the beginning of a value where a record was cut', () => {
    const value = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.payload';
    const redact = redactor(tracesOf(value));
    for (let length = 8; length < value.length; length += 1) {
      expect(redact(`you said ${value.slice(0, length)}`)).to.equal(`you said ${REDACTED}`);
    }
  });

  const TRACES: readonly [value: string, traces: readonly string[]][] = [
    ['Bearer s3cr3t', ['Bearer s3cr3t', 's3cr3t', 'Bearer%20s3cr3t']],
    ['theme=dark; sid=0123456789', ['theme=dark; sid=0123456789', '0123456789', 'theme%3Ddark%3B%20sid%3D0123456789']],
    ['a"bcd', ['a"bcd', 'a\\"bcd', 'a%22bcd']],
    ['abc', []],
    ['', []],
    ['redacted', []],
  ];
  for (const [value, traces] of TRACES) {
    it(`knows ${JSON.stringify(value)} by its traces`, () => expect(tracesOf(value)).to.have.members(traces));
  }

  it('leaves the names that a run is judged by', () => {
    expect(hideable(['tokyo', 'mock', 's3cr3t'], ['tokyo', 'mockb'])).to.deep.equal(['s3cr3t']);
  });

  it('hides a value in every part of a chain but an address', () => {
    const redact = redactor(['s3cr3t', '127.0']);
    const hop = { service: 's3cr3t', zone: 'z-s3cr3t', ip: '127.0.0.1' };
    expect(redactChain({ hops: [hop, { ...hop, ip: 's3cr3t' }], rest: 'x s3cr3t' }, redact)).to.deep.equal({
      hops: [
        { service: REDACTED, zone: `z-${REDACTED}`, ip: '127.0.0.1' },
        { service: REDACTED, zone: `z-${REDACTED}`, ip: REDACTED },
      ],
      rest: `x ${REDACTED}`,
    });
  });

  for (const name of [
    'Authorization',
    'proxy-authorization',
    'COOKIE',
    'x-api-key',
    'apikey',
    'x-auth',
    'X-Amz-Security-Token',
    'private-token',
    'x-session-id',
    'x-signature',
    'client-secret',
    'x-passwd',
    'connect.sid',
  ]) {
    it(`takes ${name} for a secret`, () => expect(isSecretHeader(name)).to.equal(true));
  }
  for (const name of ['accept', 'x-user', 'x-request-id', 'content-type', 'user-agent', 'x-inside', 'traceparent']) {
    it(`takes ${name} for none`, () => expect(isSecretHeader(name)).to.equal(false));
  }
});
