import { expect } from 'chai';
import fc from 'fast-check';
import { REDACTED, redactor, tracesOf } from './redact.ts';

/** What begins anew within itself is hidden as one that is cut, too, with one digit more behind it. */
const repeats = (text: string) => text.slice(1).includes(text.slice(0, 5));
const secret = fc
  .stringMatching(/^[A-Za-z0-9é?>~]{8,40}$/)
  .filter((text) => !REDACTED.includes(text) && !repeats(text));
/** Nothing that a secret is made of. */
const around = fc.stringMatching(/^[ :;{}"#-]{0,9}$/);

const bytesOf = (text: string) => new TextEncoder().encode(text);
const base64 = (text: string) => btoa(String.fromCharCode(...bytesOf(text)));
const ofUrls = (text: string) => base64(text).replaceAll('+', '-').replaceAll('/', '_');
const bare = (text: string) => base64(text).replace(/=+$/, '');
const bareOfUrls = (text: string) => ofUrls(text).replace(/=+$/, '');
const hex = (text: string) => [...bytesOf(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const upperHex = (text: string) => hex(text).toUpperCase();

type Encoding = (text: string) => string;
/** Each with how many bits its digits have. */
const ENCODINGS: Readonly<Record<string, readonly [Encoding, number]>> = {
  base64: [base64, 6],
  'base64 without padding': [bare, 6],
  base64url: [ofUrls, 6],
  'base64url without padding': [bareOfUrls, 6],
  'hexadecimal digits': [hex, 4],
  'hexadecimal digits in capitals': [upperHex, 4],
};

describe('a secret within something that is encoded', () => {
  for (const [name, [encode, bits]] of Object.entries(ENCODINGS)) {
    it(`as ${name} is hidden digit by digit, wherever it stands there, and nothing else is`, () => {
      fc.assert(
        fc.property(secret, around, around, (value, before, after) => {
          const told = encode(before + value + after);
          const [from, to] = [before, before + value].map((text) => (8 * bytesOf(text).length) / bits) as [
            number,
            number,
          ];
          expect(redactor(tracesOf(value))(`you sent "${told}"`)).to.equal(
            `you sent "${told.slice(0, Math.floor(from))}${REDACTED}${told.slice(Math.ceil(to))}"`,
          );
        }),
        { numRuns: 300 },
      );
    });

    it(`as ${name} is hidden where the text was cut within it`, () => {
      fc.assert(
        fc.property(secret, around, fc.nat(60), (value, before, length) => {
          const told = encode(before + value);
          const from = Math.ceil((8 * bytesOf(before).length) / bits);
          const cut = told.slice(0, Math.min(from + 1 + length, told.length));
          const shown = redactor(tracesOf(value))(`you sent ${cut}…`);
          expect(shown).to.match(/^you sent [\w+/-]*(?:\[redacted\]=*)?…$/);
          expect(shown.length).to.be.at.most(`you sent ${cut.slice(0, from)}${REDACTED}==…`.length);
          expect(shown.replace(/\[redacted\]=*/, '').length).to.be.at.most(`you sent ${cut.slice(0, from)}…`.length);
        }),
        { numRuns: 300 },
      );
    });
  }

  it('of seven characters is none of these: what they become is part of other words', () => {
    const redact = redactor(tracesOf('s3cr3t!'));
    for (const [encode] of Object.values(ENCODINGS)) expect(redact(encode('s3cr3t!'))).to.equal(encode('s3cr3t!'));
  });
});
