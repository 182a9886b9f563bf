import { expect } from 'chai';
import fc from 'fast-check';
import { REDACTED } from '../model/redact.ts';
import { formatDiagnostics } from './format.ts';
import { maskSource } from './masked.ts';
import { secretHeaders } from './secret-headers.ts';
import { accepted, diagnosticsOf, edited, FULL, parse, places } from './testing/fixtures.ts';

const withHeaders = (headers: string) => edited(FULL, '{x-a: y}', headers);
/** As shells write it. */
function variable(name: string): string {
  return `\${${name}}`;
}

const headersOf = (text: string) => accepted(parse(text)).load.paths[0]?.request.headers;

/** The ways in which YAML can write a value, each with a part of it that must not be seen. */
const WRITTEN: readonly [what: string, headers: string][] = [
  ['plain', '{authorization: Bearer s3cr3t, x-a: y}'],
  ['single quotes', "{authorization: 'Bearer s3cr3t'}"],
  ['escapes', '{authorization: "Bearer \\x73\\x33cr3t"}'],
  ['capitals', '{AUTHORIZATION: Bearer s3cr3t}'],
  ['an anchor', '{authorization: &a Bearer s3cr3t, x-token: *a}'],
  ['a block', '\n            authorization: >-\n              Bearer\n              s3cr3t\n            x-a: y'],
  ['several lines', '{authorization: Bearer\n            s3cr3t}'],
  ['a comment beside it', '\n            x-a: y # authorization: Bearer s3cr3t'],
  ['a comment of its own', '\n            x-a: y\n            #x-api-key: "s3cr3t"'],
];

/** The full scenario with headers that may be written as a block. */
function written(headers: string): string {
  if (!headers.startsWith('\n')) return withHeaders(headers);
  const request = '{method: GET, path: /mock, host: mock.example, headers: {x-a: y}}';
  return edited(FULL, request, `\n          path: /mock\n          headers:${headers}`);
}

describe('scenario/secrets', () => {
  for (const [what, headers] of WRITTEN) {
    it(`are in neither the load nor the source: ${what}`, () => {
      const text = written(headers);
      const scenario = accepted(parse(text));
      expect(JSON.stringify(scenario)).to.not.match(/s3cr3t|x73/);
      expect({ ...accepted(parse(scenario.source.text)), source: 0 }).to.deep.equal({ ...scenario, source: 0 });
      expect(maskSource(text)).to.not.match(/s3cr3t|x73/);
      expect(
        maskSource(text)
          .split('\n')
          .map((line) => line.length),
      ).to.deep.equal(text.split('\n').map((line) => line.length));
    });
  }

  it('are found with their places, in order', () => {
    const text = withHeaders('{x-a: {env: TENANT}, cookie: a=b, x-b: c, x-key: {env: KEY, prefix: "Key "}}');
    expect(secretHeaders(text)).to.deep.equal([
      { path: 0, name: 'x-a', from: { env: 'TENANT', prefix: '' }, at: { line: 12, column: 86, length: 6 } },
      { path: 0, name: 'cookie', from: { literal: 'a=b' }, at: { line: 12, column: 103, length: 3 } },
      { path: 0, name: 'x-key', from: { env: 'KEY', prefix: 'Key ' }, at: { line: 12, column: 129, length: 3 } },
    ]);
    expect(headersOf(text)).to.deep.equal({
      'x-a': REDACTED,
      cookie: REDACTED,
      'x-b': 'c',
      'x-key': `Key ${REDACTED}`,
    });
  });

  it('leave a text without them as it is', () => {
    expect(accepted(parse(FULL)).source.text).to.equal(FULL);
    expect(maskSource(FULL)).to.equal(FULL);
  });

  it('no source holds a literal, however it is quoted', () => {
    // What looks like a variable that nothing replaces is refused, whatever it is.
    const value = fc
      .stringMatching(/^[!-~]{8,30}$/)
      .filter((text) => !REDACTED.includes(text) && !/\$[{(]|\{\{/.test(text));
    fc.assert(
      fc.property(value, (secret) => {
        const { source } = accepted(parse(withHeaders(`{x-token: ${JSON.stringify(secret)}}`)));
        expect(source.text).to.not.contain(JSON.stringify(secret).slice(1, -1));
      }),
      { numRuns: 50 },
    );
  });

  const MISTAKES: readonly [what: string, headers: string, ...expected: string[]][] = [
    ['an unreplaced variable', `{authorization: "Bearer ${variable('s3cr3t')}"}`, '12:90 FIELD_VALUE'],
    ['a number', '{x-token: 1234}', '12:84 FIELD_TYPE'],
    ['two lines', '{x-token: "s3cr3t\\nx"}', '12:84 FIELD_VALUE'],
    ['a tag', '{x-token: !!str s3cr3t}', '12:90 FIELD_VALUE'],
    ['a list', '{x-token: [s3cr3t]}', '12:75 FIELD_TYPE'],
    ['a field that is none', '{x-token: {value: s3cr3t}}', '12:85 FIELD_UNKNOWN'],
    ['a variable that cannot be', '{x-token: {env: "s3-cr3t"}}', '12:90 FIELD_VALUE'],
    ['broken YAML', '{x-token: "s3cr3t" s3cr3t}'],
    ['broken YAML of a block', '{x-token: |s3cr3t\n}'],
  ];
  for (const [what, headers, ...expected] of MISTAKES) {
    it(`points at ${what} and quotes nothing`, () => {
      const text = withHeaders(headers);
      const diagnostics = diagnosticsOf(parse(text));
      if (expected.length > 0) expect(places(diagnostics)).to.deep.equal(expected);
      else expect(diagnostics).to.not.deep.equal([]);
      const said = formatDiagnostics(diagnostics, text, { color: false });
      if (what !== 'an unreplaced variable' && what !== 'a variable that cannot be')
        expect(said).to.not.match(/s3cr3t|1234/);
    });
  }

  it('show the way to write a variable', () => {
    const [problem] = diagnosticsOf(parse(withHeaders(`{authorization: "Bearer ${variable('TOKEN')}"}`)));
    expect(problem?.hint).to.contain('authorization: {env: TOKEN, prefix: "Bearer "}');
    const [other] = diagnosticsOf(parse(withHeaders(`{authorization: "hunter2:${variable('TOKEN:-s3cr3t')}"}`)));
    expect(`${other?.message} ${other?.hint}`)
      .to.contain('{env: TOKEN}')
      .and.to.not.match(/hunter2|s3cr3t/);
  });

  it('know what templates and CI systems would replace, and show no more than its name', () => {
    const written = [
      '{{ .Values.s3cr3t }}',
      '{{TOKEN}}',
      '{{- $token | s3cr3t -}}',
      '$(TOKEN)',
      variable('{ secrets.TOKEN }'),
    ];
    const shown = written.map((text) => {
      const [problem] = diagnosticsOf(parse(withHeaders(`{authorization: ${JSON.stringify(text)}}`)));
      expect([problem?.severity, problem?.message], text).to.deep.equal([
        'error',
        problem?.message.replace(/s3cr3t/, ''),
      ]);
      return /nothing replaces `([^`]*)`/.exec(problem?.message ?? '')?.[1];
    });
    expect(shown).to.deep.equal(['{{Values}}', '{{TOKEN}}', '{{token}}', '$(TOKEN)', variable('NAME')]);
    const plain = ['price {a}', '$5 (five)', '{{}}', '{"a": {"b": {}}}', '^ok$'];
    const texts = plain.map((text) => withHeaders(`{x-a: ${JSON.stringify(text)}}`));
    for (const text of texts) expect(diagnosticsOf(parse(text)), text).to.deep.equal([]);
  });

  it('warn of a variable elsewhere, and not where a shell or a template replaces it', () => {
    const texts = [
      edited(FULL, 'It holds.', `It holds for ${variable('X')}.`),
      edited(FULL, 'command: [sleep]', `command: [sh, -c, "echo ${variable('HOME')}"]`),
      edited(FULL, '{service}@', `${variable('service')}@`),
    ];
    expect(
      texts.map((text) => places(diagnosticsOf(parse(text)).filter(({ message }) => message.includes('$')))),
    ).to.deep.equal([['8:15 FIELD_VALUE'], [], []]);
    expect(parse(texts[0] ?? '').ok).to.equal(true);
  });

  it('Host belongs elsewhere', () => {
    const [problem] = diagnosticsOf(parse(withHeaders('{Host: a.example}')));
    expect(problem?.hint).to.contain('host: NAME');
  });
});
