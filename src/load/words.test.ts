import { expect } from 'chai';
import fc from 'fast-check';
import { TEXT_LIMIT } from '../model/record-codec.ts';
import { wording } from './words.ts';

const wordingOf = (message: string, code = '') => wording({ message, code });

describe('load/words: an error in words for people', () => {
  it('keeps what an error says, with its code', () => {
    const altnames = "Hostname/IP does not match certificate's altnames: IP: 10.0.0.1 is not in the cert's list:";
    expect(wordingOf(`${altnames} `, 'ERR_TLS_CERT_ALTNAME_INVALID')).to.equal(
      `${altnames} (ERR_TLS_CERT_ALTNAME_INVALID)`,
    );
    const valid = 'x509: certificate is valid for 127.0.0.1, not 10.0.0.1';
    expect(wordingOf(valid, 'k6 1311')).to.equal(`${valid} (k6 1311)`);
    expect(wordingOf('alert', 'ERR_SSL_SSL/TLS_ALERT')).to.equal('alert (ERR_SSL_SSL/TLS_ALERT)');
    expect(wordingOf('', 'EPIPE')).to.equal('EPIPE');
    expect(wordingOf('words', 'no\ncode')).to.equal('words');
    expect(wordingOf('\n')).to.equal('');
  });

  it('leaves out what differs from request to request', () => {
    const cases: Record<string, string> = {
      'read tcp 127.0.0.1:51234->127.0.0.1:80: read: connection reset by peer':
        'read tcp: read: connection reset by peer',
      'read tcp [::1]:51234->[::1]:80: i/o timeout': 'read tcp: i/o timeout',
      'dial tcp 10.0.0.1:443: connect: connection refused': 'dial tcp: connect: connection refused',
      'dial tcp6 [fd00::1]:443: connect: no route to host': 'dial tcp6: connect: no route to host',
      'lookup gw on 10.96.0.10:53: read udp 10.1.1.1:4711->10.96.0.10:53: refused':
        'lookup gw on 10.96.0.10:53: read udp: refused',
      'connect EADDRINUSE 10.0.0.1:443 - Local (0.0.0.0:51234)': 'connect EADDRINUSE 10.0.0.1:443',
      'stream error: stream ID 17; INTERNAL_ERROR': 'stream error: stream ID …; INTERNAL_ERROR',
      'request 6f1c2a34-9b1d-4c55-8a77-0123456789ab failed at 0x7ffdc0': 'request … failed at …',
      '402D8B41F17F0000:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../ssl/tls.c:77:\n':
        'wrong version number',
      'write EPROTO 402D8B41F17F0000:error:0A000410:SSL routines:ssl3_read_bytes:tls alert:../ssl/r.c:918:SSL alert number 40\n':
        'write EPROTO tls alert SSL alert number 40',
      'self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca':
        'self-signed certificate',
    };
    for (const [message, expected] of Object.entries(cases)) expect(wordingOf(message)).to.equal(expected);
  });

  it('has nothing of what was sent or received, which Go repeats', () => {
    const cases: Record<string, string> = {
      'Get "https://gw/mock?token=secret": EOF': 'Get "…": EOF',
      'malformed HTTP response "authorization: \\"secret\\" secret"': 'malformed HTTP response "…"',
      'malformed HTTP response "secret that has no end \\': 'malformed HTTP response "…"',
      'malformed MIME header line: authorization secret': 'malformed MIME header line: …',
      'malformed MIME header initial line:  authorization secret': 'malformed MIME header initial line: …',
      'malformed MIME header: missing colon: "secret"': 'malformed MIME header: missing colon: "…"',
    };
    for (const [message, expected] of Object.entries(cases)) {
      expect(wordingOf(message)).to.equal(expected);
      expect(wordingOf(message.replace('secret', 'secret'.repeat(500)))).not.to.include('secret');
    }
  });

  it('keeps the code whole where the words are too long', () => {
    const text = wordingOf('x'.repeat(5000), 'ERR_TLS_CERT_ALTNAME_INVALID');
    expect(text).to.match(/^x+… \(ERR_TLS_CERT_ALTNAME_INVALID\)$/);
    expect(text).to.have.length(TEXT_LIMIT);
    expect(wordingOf('x'.repeat(TEXT_LIMIT))).to.equal('x'.repeat(TEXT_LIMIT));
    for (const before of ['', 'x']) expect(wordingOf(before + '\u{1f4a5}'.repeat(200)).isWellFormed()).to.equal(true);
  });

  it('property: one short line that shows as it is written, whatever was said', () => {
    const PIECES = fc.constantFrom(
      '"',
      '\\',
      ' tcp a:1',
      ' - Local (',
      'MIME header line: ',
      'ID 7',
      '\u202e',
      '\u2028',
      '\t',
    );
    const MESSAGE = fc.array(fc.oneof(PIECES, fc.string({ unit: 'binary' })), { maxLength: 40 });
    fc.assert(
      fc.property(MESSAGE, fc.string({ unit: 'binary' }), (message, code) => {
        const text = wordingOf(message.join(''), code);
        expect(text.length).to.be.at.most(TEXT_LIMIT);
        expect(text).not.to.match(/[\p{C}\p{Zl}\p{Zp}]|\s{2}|^\s|\s$/u);
      }),
      { numRuns: 1000 },
    );
  });
});
