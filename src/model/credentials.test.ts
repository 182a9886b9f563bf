import { expect } from 'chai';
import fc from 'fast-check';
import { firstWords, hideCredentials } from './credentials.ts';
import { REDACTED } from './redact.ts';

const JWT = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9.eyJzdWIiOiJkcmlsbCJ9.c2lnbmF0dXJl-_';
const KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'.replace('K7', 'k7');

describe('credentials in the words of programs', () => {
  const HIDDEN: readonly (readonly [told: string, shown: string])[] = [
    [`unauthorized: ${JWT} has expired`, `unauthorized: ${REDACTED} has expired`],
    [`> Authorization: Bearer ${JWT}`, `> Authorization: ${REDACTED}`],
    [`{"headers":{"authorization":"Basic am9lOng="}}`, `{"headers":{"authorization":"${REDACTED}"}}`],
    ['refused Bearer s3cr3t-of-ours', `refused Bearer ${REDACTED}`],
    ['GET /v1?user=joe&token=abc&page=2', `GET /v1?user=joe&token=${REDACTED}&page=2`],
    ['https://sts.amazonaws.com/?X-Amz-Signature=0a1b2c', `https://sts.amazonaws.com/?X-Amz-Signature=${REDACTED}`],
    ['https://x.blob.core.windows.net/c?sig=abc%3D&se=1', `https://x.blob.core.windows.net/c?sig=${REDACTED}&se=1`],
    ['AWS_SECRET_ACCESS_KEY=abc', `AWS_SECRET_ACCESS_KEY=${REDACTED}`],
    ['InvalidClientTokenId: AKIAIOSFODNN7EXAMPLE is unknown', `InvalidClientTokenId: ${REDACTED} is unknown`],
    [`signed with ${KEY} and`, `signed with ${REDACTED} and`],
    ['k8s-aws-v1.aHR0cHM6Ly9zdHMu', REDACTED],
    [
      'fatal: https://joe:hunter2@git.example/x.git not found',
      `fatal: https://${REDACTED}@git.example/x.git not found`,
    ],
    ['{"access_token": "abc", "expires_in": 3}', `{"access_token": "${REDACTED}", "expires_in": 3}`],
    [String.raw`{\"refresh_token\":\"abc\"}`, String.raw`{\"refresh_token\":\"${REDACTED}\"}`],
    ['ran: vault login --token abc -no-print', `ran: vault login --token ${REDACTED} -no-print`],
    ['x-api-key: 9f8e7d6c5b', `x-api-key: ${REDACTED}`],
    ['password: "two words"', `password: "${REDACTED}"`],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\nend', `${REDACTED}\nend`],
    ['ya29.a0AfH6SMBx and ghp_0123456789abcdef', `${REDACTED} and ${REDACTED}`],
  ];
  for (const [told, shown] of HIDDEN) {
    it(`are hidden: ${JSON.stringify(told).slice(0, 60)}`, () => expect(hideCredentials(told)).to.equal(shown));
  }

  /** Names in the words of programs, each with everything that may stand between one and its value. */
  const NAMED_SO = [
    'token',
    'password',
    'client secret',
    'client_secret',
    'access token',
    'api key',
    'refresh_token',
    'passphrase',
  ];
  const BETWEEN = [' is ', ' was ', ' = ', '=', ': ', ':', ' => ', '=>', ' := ', ' == ', ' -> ', ' ', ' | '];
  for (const name of NAMED_SO) {
    it(`are hidden behind ${name}, whatever stands between`, () => {
      for (const between of BETWEEN) {
        const told = hideCredentials(`the ${name}${between}s3cr3t-0f-0urs4711 of x`);
        expect(told, between).to.not.contain('s3cr3t');
        expect(told.startsWith(`the ${name}`) && told.endsWith(' of x'), told).to.equal(true);
      }
    });
  }
  it('are hidden in XML', () => {
    for (const [open, close] of [
      ['<token>', '</token>'],
      ['<wsse:Password Type="x">', '</wsse:Password>'],
      ['<client_secret><![CDATA[', ']]></client_secret>'],
    ])
      expect(hideCredentials(`<a>${open}plainletters${close}</a>`)).to.equal(`<a>${open}${REDACTED}${close}</a>`);
  });

  const PLAIN = [
    'error: token has expired; run: aws sso login --profile prod',
    'basic authentication failed, bearer token missing',
    'session: not found in zone ap-northeast-1a',
    'Unable to locate credentials. You can configure credentials by running "aws configure".',
    'An error occurred (ExpiredTokenException) when calling the AssumeRole operation: The security token is expired',
    'gke-gcloud-auth-plugin: exec format error at /usr/lib/google-cloud-sdk/bin/gke-gcloud-auth-plugin:1',
    'arn:aws:eks:eu-west-1:123456789012:cluster/Drill-One is not there',
    'request 6f1c2a34-9b1d-4c55-8a77-0123456789ab at 2026-01-02T03:04:05Z of commit da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'key: value, keys = 3 of the token bucket: full',
  ];
  for (const text of PLAIN) {
    it(`are not seen in: ${text.slice(0, 60)}`, () => expect(hideCredentials(text)).to.equal(text));
  }

  it('are hidden wherever in a text they stand', () => {
    const around = fc.stringMatching(/^[ a-z:.]{0,30}$/);
    fc.assert(
      fc.property(around, around, fc.constantFrom(JWT, 'AKIAIOSFODNN7EXAMPLE', KEY), (before, after, one) => {
        expect(hideCredentials(`${before} ${one} ${after}`)).to.not.contain(one);
      }),
    );
  });

  it('are hidden before a text is cut to its first lines', () => {
    expect(firstWords(`\n\n${'a b '.repeat(124)}${JWT}`)).to.match(/b \[re?d?…$/);
    expect(firstWords('one\n\ntwo\r\n three\nfour\nfive\nsix\nseven\n')).to.equal('one\ntwo\nthree\nfour\nfive\n…');
    expect(firstWords('a\u001b[31mred')).to.equal('a\\x1b[31mred');
  });
});
