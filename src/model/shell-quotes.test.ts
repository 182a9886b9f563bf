import { expect } from 'chai';
import fc from 'fast-check';
import { hostileTexts } from '../report/testing/hostile-texts.ts';
import { REDACTED, redactor, tracesOf } from './redact.ts';
import { shellQuoted } from './shell.ts';

const each = (text: string, of: RegExp, spell: (char: string) => string): string =>
  text.replace(of, (char) => spell(char));

/** What stands within a shell's quotes already. */
const INNER: Readonly<Record<string, (text: string) => string>> = {
  nothing: (text) => text,
  json: (text) => JSON.stringify(text).slice(1, -1),
  'json of Go': (text) =>
    each(JSON.stringify(text).slice(1, -1), /[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`),
  yaml: (text) => text.replaceAll("'", "''"),
  'a URL': (text) => encodeURIComponent(text),
};

/** Words of a command without their outermost quotes. */
const SHELLS: Readonly<Record<string, (text: string) => string>> = {
  'single quotes': (text) => text.replaceAll("'", "'\\''"),
  'single quotes, as Python writes them': (text) => text.replaceAll("'", `'"'"'`),
  'double quotes': (text) => each(text, /["$`\\]/g, (char) => `\\${char}`),
  backslashes: (text) => each(text, /[^A-Za-z0-9]/g, (char) => `\\${char}`),
  "$'…'": (text) => each(text, /['\\]/g, (char) => `\\${char}`),
  "$'…' by bytes": (text) =>
    each(text, /[^A-Za-z0-9]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`),
  'quotes within a word': (text) => each(text, /[ $"'`]/g, (char) => (char === "'" ? `"'"` : `'${char}'`)),
  'double quotes of PowerShell': (text) => each(text, /["$`]/g, (char) => `\`${char}`),
  'single quotes of PowerShell': (text) => text.replaceAll("'", "''"),
  cmd: (text) => each(text, /[&<>|^"]/g, (char) => `^${char}`),
};

const value = fc.stringMatching(/^[!-~]{8,40}$/).filter((text) => !REDACTED.includes(text));

describe('a secret that a shell quotes', () => {
  it('is hidden, and other spellings of it within such quotes are', () => {
    const [inner, shell] = [INNER, SHELLS].map((ways) => fc.constantFrom(...Object.keys(ways)));
    fc.assert(
      fc.property(value, inner as fc.Arbitrary<string>, shell as fc.Arbitrary<string>, (secret, within, quotes) => {
        const told = SHELLS[quotes]?.(INNER[within]?.(secret) ?? '');
        expect(redactor(tracesOf(secret))(`curl -d '${told}' after`), `${within} in ${quotes}`).to.match(
          /^curl -d ["$'\\^`]*\[redacted\]["$'\\^`]* after$/,
        );
      }),
      { numRuns: 1000 },
    );
  });

  const QUOTED: readonly (readonly [secret: string, told: string, shown: string])[] = [
    ["it's-s3cr3t", String.raw`curl -u 'it'\''s-s3cr3t'`, `curl -u '${REDACTED}'`],
    ['pä$wörd\n1', String.raw`echo $'p\303\244$w\303\266rd\n1'`, `echo $'${REDACTED}'`],
    ['pä$wörd\n1', String.raw`echo $'p\xc3\xa4$w\xC3\xB6rd\n1'`, `echo $'${REDACTED}'`],
    ['pä$wörd\n1', String.raw`echo $'p\xe4$w\xF6rd\n1'`, `echo $'${REDACTED}'`],
    ['a$b`c"d\ne', 'Write-Output "a`$b``c`"d`ne"', `Write-Output "${REDACTED}"`],
    ['a"b\\c\'d', String.raw`curl -d '{"p":"a\"b\\c'\''d"}'`, `curl -d '{"p":"${REDACTED}"}'`],
    // Three quotes, each doubled as YAML has them, each between double quotes.
    ["!'''!!!!!!", `echo '!${`'"'"'`.repeat(6)}!!!!!!'`, `echo '${REDACTED}'`],
    ['one-long-secret', 'echo one-long\\\n-secret', `echo ${REDACTED}`],
  ];
  for (const [secret, told, shown] of QUOTED) {
    it(`is hidden in ${told}`, () => expect(redactor(tracesOf(secret))(told)).to.equal(shown));
  }

  it('is hidden as commands for people quote it, whatever is in it', () => {
    const texts = hostileTexts(3);
    for (let at = 0; at < 500; at++) {
      const secret = `kept  ${texts.next().value}`.replaceAll('\0', '').toWellFormed();
      const told = shellQuoted(`a ${secret} b`);
      expect(redactor(tracesOf(secret))(told), told).to.contain(REDACTED);
    }
  });

  it('is hidden where a text was cut within it, however much of it is quotes', () => {
    const told = [...'one-long-s'].join(`'"'"'"'"'"'"'"'`);
    expect(redactor(['one-long-secret'])(`echo ${told}`)).to.equal(`echo ${REDACTED}`);
  });

  it('is not seen where more than quotes stands between its characters', () => {
    for (const text of ["'s3cr' 3t-value", 's3cr"+"3t-value', `s3cr${"'".repeat(2000)}3t-value`]) {
      expect(redactor(['s3cr3t-value'])(text)).to.equal(text);
    }
  });
});
