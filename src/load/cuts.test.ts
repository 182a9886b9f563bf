import { expect } from 'chai';
import fc from 'fast-check';
import { cutTo, lastLines } from '../model/cut.ts';
import { grpcStatusName } from '../model/grpc.ts';
import { encodeText } from '../model/record-codec.ts';
import { REDACTED, redactChain, redactor } from '../model/redact.ts';
import { BODY_LIMIT, compileChain } from './chain.ts';
import { wording } from './words.ts';

/** Made of digits, so that no other text of these specs has the beginning of one. */
const secret = fc.stringMatching(/^[0-9]{8,60}$/);
const textIn = (line: string): string => (JSON.parse(line) as { value: string }).value;
const chain = compileChain({ from: { kind: 'body' }, hop: '-> {service}({zone})' });
const restOf = (text: string, truncated: boolean, redact: (text: string) => string): string =>
  redactChain(chain(text, truncated), redact).rest;

/** All that is cut before secrets are hidden in it; where each cuts, and what it says then. */
const CUTS: Readonly<Record<string, [at: number, told: (text: string, redact: (text: string) => string) => string]>> = {
  'words of an error': [255, (text, redact) => textIn(encodeText(0, redact(wording({ message: text, code: '' }))))],
  'words of an error with its code': [
    246,
    (text, redact) => textIn(encodeText(0, redact(wording({ message: text, code: 'EPROTO' })))),
  ],
  'a long error of quotes': [
    1023,
    (text, redact) => redact(wording({ message: text.replace(/^x{0,900}/, (all) => `"${all.slice(2)}"`), code: '' })),
  ],
  'what is left of an answer': [256, (text, redact) => restOf(text, false, redact)],
  'the beginning of an answer': [40, (text, redact) => restOf(text.slice(0, 40), true, redact)],
  'a status of gRPC': [15, (text, redact) => redact(grpcStatusName(text))],
  'any other text': [100, (text, redact) => redact(cutTo(text, 101))],
};

describe('texts that are cut', () => {
  for (const [what, [at, told]] of Object.entries(CUTS)) {
    it(`end before a secret begins: ${what}`, () => {
      fc.assert(
        fc.property(secret, fc.nat(70), fc.nat(3), (value, before, far) => {
          const text = `${'x'.repeat(Math.max(0, at - before))}${value}${'y'.repeat(far * 500)}`;
          const shown = told(text, redactor([value])).replace(`${BODY_LIMIT}`, '');
          expect(shown.replaceAll(REDACTED, '')).to.not.match(/[0-9]/);
        }),
      );
    });
  }

  it('keep all else: no word is hidden for how it begins, and no text that is not cut', () => {
    const redact = redactor(['s3cr3t-value']);
    expect(redact('it ends with s3cr')).to.equal('it ends with s3cr');
    expect(redact('it ends with words…')).to.equal('it ends with word…');
    expect(redact('s… it goes on with s3cr… and on')).to.equal('s… it goes on with s3cr… and on');
    expect(redact('a long text s3cr3… (3000 characters)')).to.equal('a long text … (3000 characters)');
    expect(redact('a long text s3cr3t-v… (EPROTO)')).to.equal(`a long text ${REDACTED}… (EPROTO)`);
    expect(redact("a long text 's3'\\''…")).to.equal("a long text '…");
  });

  it('of the last words none is left without its beginning', () => {
    const lines = fc.array(fc.stringMatching(/^[a-z]{0,20}$/), { maxLength: 20 });
    fc.assert(
      fc.property(lines, fc.nat(60), (some, most) => {
        const text = some.map((line) => `${line}\n`).join('');
        const last = lastLines(text, most);
        expect(last.length).to.be.at.most(Math.max(most, 0));
        expect(`\n${text}`.endsWith(`\n${last}`), JSON.stringify([text, last])).to.equal(true);
      }),
    );
    expect(lastLines('one\ntwo\nthree\n', 10)).to.equal('two\nthree\n');
    expect(lastLines('one\ntwo\nthree\n', 9)).to.equal('three\n');
  });
});
