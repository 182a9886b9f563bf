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

  const hex = (char: string, digits: number): string => char.charCodeAt(0).toString(16).padStart(digits, '0');
  const each = (text: string, of: RegExp, spell: (char: string) => string): string =>
    text.replace(of, (char) => spell(char));
  const WAYS: Readonly<Record<string, (text: string) => string>> = {
    yaml: (text) => text.replaceAll("'", "''"),
    csv: (text) => text.replaceAll('"', '""'),
    json: (text) => JSON.stringify(text).slice(1, -1),
    'json of PHP': (text) => each(JSON.stringify(text).slice(1, -1), /\//g, () => '\\/'),
    'json of Gson and Go': (text) =>
      each(JSON.stringify(text).slice(1, -1), /[<>&='+]/g, (char) => `\\u${hex(char, 4)}`),
    'a string of JavaScript': (text) => each(text, /[^A-Za-z0-9]/g, (char) => `\\x${hex(char, 2).toUpperCase()}`),
    'a URL': (text) => encodeURIComponent(text),
    'a URL in small letters': (text) => each(text, /[^A-Za-z0-9]/g, (char) => `%${hex(char, 2)}`),
    'HTML by number': (text) => each(text, /[^A-Za-z0-9]/g, (char) => `&#${char.charCodeAt(0)};`),
    'HTML by hexadecimal number': (text) => each(text, /[^A-Za-z0-9]/g, (char) => `&#x${hex(char, 4)};`),
    'HTML by name': (text) => each(text, /[&<>"'+=/]/g, (char) => `&${NAMES[char]};`),
  };
  const NAMES: Readonly<Record<string, string>> = {
    ...{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos', '+': 'plus', '=': 'equals', '/': 'sol' },
  };

  it('hides a value in every spelling, and in spellings of spellings', () => {
    const any = fc.stringMatching(/^[!-~]{8,40}$/).filter((text) => !REDACTED.includes(text));
    const ways = fc.array(fc.constantFrom(...Object.keys(WAYS)), { maxLength: 3 });
    fc.assert(
      fc.property(any, ways, fc.stringMatching(/^[ a-z]{0,9}$/), (value, names, before) => {
        const told = names.reduce((text, name) => WAYS[name]?.(text) ?? text, value);
        expect(redactor(tracesOf(value))(`${before} ${told} after`), names.join()).to.equal(
          `${before} ${REDACTED} after`,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('hides a value in base64, with its padding or without', () => {
    const value = 's3cr3t?>value~~';
    for (const told of [
      btoa(value),
      btoa(value).replace(/=+$/, ''),
      btoa(value).replaceAll('+', '-').replaceAll('/', '_'),
    ]) {
      expect(redactor(tracesOf(value))(`you sent ${told}`)).to.match(/^you sent \[redacted\]=*$/);
    }
  });

  it('hides a value that was broken into lines', () => {
    const value = `eyJ${'s3cr3tpart'.repeat(12)}`;
    const broken = (text: string, width: number, by: string) =>
      text.match(new RegExp(`.{1,${width}}`, 'g'))?.join(by) ?? '';
    for (const [width, by] of [
      [76, '\n'],
      [64, '\r\n'],
      [64, '\n    '],
      [76, '\\n'],
    ] as const) {
      for (const spelt of [value, btoa(value), btoa(`user:${value}@host`)]) {
        const shown = redactor([value])(`-- begin\n${broken(spelt, width, by)}\n-- end`);
        expect(shown, `${spelt} by ${width}`).to.match(
          /^-- begin\n(?:dXNlcj|b3)?[^\n]{0,6}\[redacted\][^\n]{0,10}\n-- end$/,
        );
      }
    }
  });

  it('hides the beginning of a value that was cut within an escape', () => {
    const redact = redactor(tracesOf('abcdefgh/ijklm=nopq'));
    for (const told of [
      'abcdefgh\\',
      'abcdefgh\\/ijklm\\u00',
      'abcdefgh%2',
      'abcdefgh&#4',
      'abcdefgh&sol;ijklm&equ',
      'abcdefgh%252Fijklm%253',
      'abcdefgh%2',
    ]) {
      expect(redact(`you said ${told}`)).to.equal(`you said ${REDACTED}`);
    }
    expect(redact('you said abc\\')).to.equal('you said abc\\');
  });

  it('leaves escapes as they are where nothing is hidden', () => {
    const text = 'a%20b&amp;c\\n\\u0041 %zz &nothing; \\u{110000} &#99999999; 100%';
    expect(redactor(['s3cr3t-value'])(`${text} s3cr3t%2dvalue ${text}`)).to.equal(`${text} ${REDACTED} ${text}`);
  });

  it('hides the beginning of a value where a record was cut', () => {
    const value = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.payload';
    const redact = redactor(tracesOf(value));
    for (let length = 8; length < value.length; length += 1) {
      expect(redact(`you said ${value.slice(0, length)}`)).to.equal(`you said ${REDACTED}`);
    }
  });

  const TRACES: readonly [value: string, traces: readonly string[]][] = [
    ['Bearer s3cr3t', ['Bearer s3cr3t', 's3cr3t']],
    [
      'Basic am9lOmgzbGxvOncwcmxk',
      [
        ...['Basic am9lOmgzbGxvOncwcmxk', 'am9lOmgzbGxvOncwcmxk', 'joe:h3llo:w0rld', 'h3llo:w0rld'],
        ...['Basic am9lOmgzbGxv', 'am9lOmgzbGxv', 'joe:h3llo:w0'],
      ],
    ],
    ['Basic am9l', ['Basic am9l', 'am9l']],
    ['theme=dark; sid=0123456789', ['theme=dark; sid=0123456789', '0123456789']],
    ['a"bcd', ['a"bcd']],
    ['abc', []],
    ['', []],
    ['redacted', []],
  ];
  for (const [value, traces] of TRACES) {
    it(`knows ${JSON.stringify(value)} by its traces`, () => expect(tracesOf(value)).to.have.members(traces));
  }

  it('leaves the names that a run is judged by', () => {
    expect(hideable(['tokyo', 'mock', 's3cr3t'], ['tokyo', 'mockb'])).to.deep.equal(['s3cr3t']);
    const redact = redactor(hideable(tracesOf('checkout-service-k3y'), ['checkout-service']));
    expect(redact('checkout-service of checkout-service-k3y is')).to.equal(`checkout-service of ${REDACTED} is`);
  });

  /** Secrets, each with the shortest of its beginnings that is known as part of it. */
  const BEGINNINGS: readonly (readonly [secret: string, shortest: string])[] = [
    ['s3cr3t-of-our-shop-in-tokyo', 's3cr3t-of-ou'],
    ['Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln', 'Bearer eyJhbGciOiJI'],
    ['session=0123456789abcdef', 'session=0123456789ab'],
    ['correct horse battery staple', 'correct hors'],
    ['postgres://shop:pa55w0rd-0123456789@db/shop', 'postgres://shop:pa55w0rd-012'],
    ['https://hooks.example/services/T0/B1/xyzzy', 'https://hooks.example/services/T0/'],
    ['pa%2555-w%C3%B6rd-of-ours', 'pa%2555-w%C3'],
  ];
  for (const [secret, shortest] of BEGINNINGS) {
    it(`hides every beginning of ${secret} from ${shortest} on, wherever it was cut`, () => {
      const redact = redactor(tracesOf(secret));
      for (let length = shortest.length; length <= secret.length; length += 1) {
        const told = secret.slice(0, length);
        expect(redact(`you said <${told}> and ${told}`), told).to.equal(`you said <${REDACTED}> and ${REDACTED}`);
      }
      const before = shortest.slice(0, -1);
      expect(redact(`you said ${before}, or so`)).to.equal(`you said ${before}, or so`);
    });
  }

  it('hides beginnings that are spelt otherwise', () => {
    const redact = redactor(tracesOf('pä"ss&wörd-of-our-shop'));
    for (const told of [
      'p%C3%A4%22ss%26w%C3%B6rd-o',
      'pä\\"ss&wörd-of',
      'pä&quot;ss&amp;wörd-of',
      btoa('pÃ¤"ss&wÃ¶rd-of-our-s'),
    ])
      expect(redact(`a ${told} b`), told).to.equal(`a ${REDACTED} b`);
  });

  it('leaves what many texts begin with, though a secret begins so', () => {
    const secrets = [
      'https://hooks.example/x/0123456789abcdef',
      'Bearer token-0123456789',
      '{"order": 1, "token": "0123456789"}',
      'theme=dark; sid=0123456789',
    ];
    const redact = redactor(secrets.flatMap(tracesOf));
    const text = 'a Bearer token for https://hooks.example/ with {"order": 2} and theme=dark; other=1';
    expect(redact(text)).to.equal(text);
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
