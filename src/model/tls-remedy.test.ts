import { expect } from 'chai';
import { tlsRemedy } from './tls-remedy.ts';

/** Words of Node and OpenSSL, and of Go (k6), with the field of the targets file that mends it. */
const WORDS: readonly (readonly [field: RegExp, ...words: string[]])[] = [
  [
    /\{ca: /,
    'self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)',
    'self-signed certificate in certificate chain (SELF_SIGNED_CERT_IN_CHAIN)',
    'unable to verify the first certificate (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
    'unable to get local issuer certificate (UNABLE_TO_GET_ISSUER_CERT_LOCALLY)',
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  [
    /serverName: /,
    "Hostname/IP does not match certificate's altnames: Host: a.example. is not in the cert's altnames: DNS:b.example",
    'tls: failed to verify certificate: x509: certificate is valid for b.example, not a.example',
    "x509: cannot validate certificate for 203.0.113.1 because it doesn't contain any IP SANs",
  ],
  [
    /renew it/,
    'certificate has expired (CERT_HAS_EXPIRED)',
    'x509: certificate has expired or is not yet valid: current time 2026-11-29T00:00:00Z is after 2026-01-01T00:00:00Z',
  ],
  [
    /cert: .*key: /,
    'tlsv13 alert certificate required (ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED)',
    'tls: bad certificate',
  ],
  [
    /http:\/\//,
    'wrong version number (ERR_SSL_WRONG_VERSION_NUMBER)',
    'packet length too long (ERR_SSL_PACKET_LENGTH_TOO_LONG)',
    'tls: first record does not look like a TLS handshake',
  ],
  [/`ca`.*`serverName`.*`cert`/, '', 'Client network socket disconnected before secure TLS connection was established'],
];

describe('model/tls-remedy', () => {
  for (const [field, ...words] of WORDS) {
    for (const one of words) it(`says what mends: ${one || 'no words'}`, () => expect(tlsRemedy(one)).to.match(field));
  }
});
