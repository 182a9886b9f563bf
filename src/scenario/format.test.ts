import { expect } from 'chai';
import type { Diagnostic } from '../model/errors.ts';
import { formatDiagnostics } from './format.ts';
import { diagnosticsOf, edited, LEAST, parse } from './testing/fixtures.ts';

function shown(text: string): string {
  return formatDiagnostics(diagnosticsOf(parse(text)), text, { color: false });
}

function pointing(text: string, column: number, length: number): string {
  const diagnostic: Diagnostic = { code: 'USAGE', severity: 'error', message: 'm', file: 'f', line: 1, column, length };
  return formatDiagnostics([diagnostic], text, { color: false });
}

describe('scenario/format', () => {
  it('shows every mistake of a file, in order, each with its line and what to do', () => {
    const text = `apiVersion: faultline/v1alpha1
kind: Scenario
metadata: {name: My Failover}
spec:
  load:
    paths:
      - name: entry
        request: {metod: GET, path: /mock}
    rate: 50
    good: {chain: [mocka, mockb]}
  phases: {baseline: 10s, hold: 20s, recover: 9h}
  faults:
    - name: mockb-down
      imageSwop: {cluster: tokyo}
    - name: nothing
  expect:
    failoverOrder: {service: mokcb, from: {zone: a}, order: [{zone: b}]}
    recoveryTime: {}
`;
    expect(
      shown(text),
    ).to.equal(`scenario.yaml:3:18 error FIELD_VALUE metadata.name must be 1 to 63 lower-case letters, digits and inner hyphens, not \`My Failover\`
  3 | metadata: {name: My Failover}
    |                  ^^^^^^^^^^^

scenario.yaml:4:1 error FIELD_MISSING spec needs the field \`hypothesis\`
  4 | spec:
    | ^^^^

scenario.yaml:8:19 error FIELD_UNKNOWN unknown field \`metod\` in spec.load.paths[0].request
  8 |         request: {metod: GET, path: /mock}
    |                   ^^^^^
    = did you mean \`method\`?

scenario.yaml:9:11 error UNIT_MISSING spec.load.rate needs a unit: it must be a rate such as \`50/s\` or \`600/m\`
  9 |     rate: 50
    |           ^^
    = write \`50/s\`

scenario.yaml:11:47 error FIELD_VALUE spec.phases.recover must be at most 6h, not \`9h\`
  11 |   phases: {baseline: 10s, hold: 20s, recover: 9h}
     |                                               ^^

scenario.yaml:14:7 error FIELD_UNKNOWN unknown field or fault kind \`imageSwop\` in spec.faults[0]
  14 |       imageSwop: {cluster: tokyo}
     |       ^^^^^^^^^
     = did you mean \`imageSwap\`?

scenario.yaml:15:7 error FIELD_MISSING spec.faults[1] needs one fault kind
  15 |     - name: nothing
     |       ^^^^
     = one of \`imageSwap\` or \`podKill\`

scenario.yaml:17:30 error NAME_UNKNOWN the service \`mokcb\` is not in spec.load.good.chain
  17 |     failoverOrder: {service: mokcb, from: {zone: a}, order: [{zone: b}]}
     |                              ^^^^^
     = did you mean \`mockb\`?

scenario.yaml:18:5 error FIELD_MISSING spec.expect.recoveryTime needs the field \`within\`
  18 |     recoveryTime: {}
     |     ^^^^^^^^^^^^
     = for example \`within: 5s\`
`);
  });

  it('names the words of a closed set, the quotes that are missing, and the unit that was meant', () => {
    const hints: readonly [part: string, replacement: string, hint: string][] = [
      ['rate: 50/s', 'rate: 50/s, connections: yes', '`kept` or `fresh`'],
      ['{steadyState: {}}', '{steadyState: {good: 0.995}}', 'write `">= 99.5%"`'],
      ['{steadyState: {}}', '{recoveryTime: 5s}', 'write `{within: 5s}`'],
      ['{steadyState: {}}', '{unaffected: zone-b}', 'write it as `{FIELD: value}`, with `except`'],
      ['{steadyState: {}}', '{errorBudget: 7}', 'write it as `{FIELD: value}`, with `perCaller`, `perPath` or `ratio`'],
      ['{steadyState: {}}', '{steadyState: {good: "< 99%"}}', 'this is a lower bound: write `">= 99%"`'],
      ['{steadyState: {}}', '{errorBudget: {ratio: ">= 1%"}}', 'this is an upper bound: write `<= 1%`'],
      ['{steadyState: {}}', '{steadyState: {good: >= 99%}}', 'a bound needs quotes: `">= 99%"`'],
      ['It holds.', 'if: then: else', 'text that contains `: ` needs quotes'],
      ['name: least', 'name: 12', 'quote it: `"12"`'],
      ['deployment: mockb', 'deployment: mockb, force: off', 'write `false`; the words of YAML 1.1 are plain text'],
      ['rate: 50/s', 'rate: 50/s, chain: {hop: "in {zone}"}', 'leave out `chain` and `good.chain`'],
      ['kind: Scenario', 'kind: Targets', 'this is a targets file; give it to `--target`'],
    ];
    for (const [part, replacement, hint] of hints) expect(shown(edited(LEAST, part, replacement))).to.contain(hint);
  });

  it('colours only when asked to', () => {
    const text = 'kind: Targets';
    const diagnostics = diagnosticsOf(parse(text));
    expect(formatDiagnostics(diagnostics, text, { color: true })).to.equal(
      '\u001b[1mscenario.yaml:1:7\u001b[0m \u001b[31merror KIND_UNKNOWN\u001b[0m kind must be `Scenario`, not `Targets`\n' +
        '\u001b[2m  1 |\u001b[0m kind: Targets\n' +
        '\u001b[2m    |\u001b[0m       \u001b[31m^^^^^^^\u001b[0m\n' +
        '\u001b[2m    =\u001b[0m \u001b[36mthis is a targets file; give it to `--target`, and a scenario as the file\u001b[0m\n',
    );
    expect(formatDiagnostics([], text, { color: true })).to.equal('');
  });

  it('makes control characters visible, one column each', () => {
    expect(pointing('a\u001b]0;x\u0007\tb\u202ec\ud800 !', 13, 1)).to.equal(
      'f:1:13 error USAGE m\n  1 | a\u241b]0;x\u2407 b\ufffdc\ufffd !\n    |             ^\n',
    );
    const evil: Diagnostic = {
      code: 'USAGE',
      severity: 'warning',
      message: 'a\u001b[2J\nb',
      hint: '\u009b1m',
      file: 'f\r',
      line: 9,
      column: 1,
      length: 1,
    };
    expect(formatDiagnostics([evil], 'x', { color: false })).to.equal(
      'f\u240d:9:1 warning USAGE a\u241b[2J\u240ab\n    = \ufffd1m\n',
    );
  });

  it('puts the caret under wide and combined characters', () => {
    expect(pointing('\u5f71\u97ff \ud83d\ude00e\u0301: x', 8, 1)).to.equal(
      'f:1:8 error USAGE m\n  1 | \u5f71\u97ff \ud83d\ude00e\u0301: x\n    |          ^\n'.replace(
        '         ^',
        '         ^',
      ),
    );
  });

  it('shows a window of a long line', () => {
    const line = `${'a'.repeat(500)}HERE${'b'.repeat(500)}`;
    expect(pointing(line, 501, 4)).to.equal(
      `f:1:501 error USAGE m\n  1 | …${'a'.repeat(40)}HERE${'b'.repeat(56)}…\n    | ${' '.repeat(41)}^^^^\n`,
    );
    expect(pointing(line, 1, 1004)).to.equal(
      `f:1:1 error USAGE m\n  1 | ${'a'.repeat(100)}…\n    | ${'^'.repeat(100)}\n`,
    );
  });
});
