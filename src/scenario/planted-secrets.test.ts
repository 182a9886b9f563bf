import { expect } from 'chai';
import type { Parsed } from '../model/errors.ts';
import { formatDiagnostics } from './format.ts';
import { maskSource } from './masked.ts';
import { maskLine } from './secret-lines.ts';
import { parseTargets } from './targets.ts';
import { diagnosticsOf, edited, FULL, parse } from './testing/fixtures.ts';

/** What must not be seen, nor the first characters of it. */
const SECRETS = [
  's3cr3t-0f-0urs-4711',
  'hunter2',
  'plainlettersonly',
  '!tagged-s3cr3t',
  '*alias-s3cr3t',
  '#noted-s3cr3t',
];
const SEEN = 6;

/** Names that a secret stands under, misspelt ones among them. */
const NAMES = ['authorization', 'Authorization', 'x-api-key', 'token', 'tokn', 'tkn', 'pasword', 'clientSecret'];

/** Wrong ways to write a name and its value, as lines; `N` is the name, `S` the secret. */
const SHAPES: Readonly<Record<string, string>> = {
  plain: 'N: S',
  'after a scheme': 'N: Bearer S',
  'in quotes': 'N: "S"',
  'a quote that is not closed': 'N: "S',
  'a quote that is not closed, over lines': 'N: "Bearer\n  S',
  'a quote that goes on too far left': "N: 'Bearer\nS'",
  'a quote that is closed too early': 'N: "Bearer" S',
  'a list': 'N: [S]',
  'a list in a block': 'N:\n  - S',
  'a list that is not closed': 'N: [S',
  'a mapping of another field': 'N: {value: S}',
  'a mapping in a block': 'N:\n  value: S',
  'a mapping that is not closed': 'N: {value: S',
  'a mapping without a colon': 'N: {S}',
  'a misspelt source': 'N: {fromEnv: S}',
  'a source that holds it': 'N: {env: "an-S"}',
  'no space behind the colon': 'N:S',
  'an equals sign': 'N=S',
  'two colons': 'N: value: S',
  'a colon before the name': ': N: S',
  'indented by a tab': '\tN: S',
  'a tab before the value': 'N:\n\tS',
  'indented too little': 'N:\nS',
  'indented too much': '      N: S',
  'on a line of its own': 'N:\n  Bearer\n  S',
  'a text block': 'N: |\n  S',
  'a text block with words behind its sign': 'N: | S',
  'a folded block with a tab': 'N: >-\n\tS',
  twice: 'N: {env: A}\nN: S',
  'twice, the secret first': 'N: S\nN: {env: A}',
  'behind an anchor': 'N: &a S',
  'behind an anchor, told again': 'N: &a S\nx-again: *a',
  'behind a tag': 'N: !!str S',
  'as a key': '? N\n: S',
  'with a comment': 'N: S # S',
};

const indented = (text: string, spaces: number): string => text.replace(/^(?=.)/gm, ' '.repeat(spaces));

/** Where in a file it is written, as a block; `X` is its place. */
const HEADERS = edited(
  FULL,
  'request: {method: GET, path: /mock, host: mock.example, headers: {x-a: y}}',
  'request:\n          path: /mock\n          headers:\nX',
);
const SCENARIOS: Readonly<Record<string, readonly [text: string, spaces: number]>> = {
  'the headers of a request': [HEADERS, 12],
  'a request': [HEADERS.replace('          headers:\n', ''), 10],
  'the load': [edited(FULL, '    rate: 50/s\n', '    rate: 50/s\nX\n'), 4],
  'a fault': [edited(FULL, '      after: 5s\n', '      after: 5s\nX\n'), 6],
  spec: [edited(FULL, '  hypothesis: It holds.\n', '  hypothesis: It holds.\nX\n'), 2],
  'the whole file': [`${FULL}X\n`, 0],
};

const TARGETS = `apiVersion: faultline/v1alpha1
kind: Targets
metadata: {name: two}
spec:
  clusters:
    - name: tokyo
      region: r
      kubeconfig: k
      context: c
      gateways: [{zone: a, address: "https://127.0.0.1:80"}]
`;
const TARGETS_PLACES: Readonly<Record<string, readonly [text: string, spaces: number]>> = {
  prometheus: [`${TARGETS}  prometheus:\n    url: https://prometheus.example\nX\n`, 4],
  'a webhook': [`${TARGETS}  webhooks:\n    - kind: json\nX\n`, 6],
  'a cluster': [`${TARGETS}X\n`, 6],
  'TLS of a cluster': [`${TARGETS}      tls:\nX\n`, 8],
};

/** All that people and programs are told of a file, and every line of it as it is shown where a problem stands in it. */
function toldOf(text: string, read: (text: string) => Parsed<unknown>): string {
  const diagnostics = diagnosticsOf(read(text));
  const lines = maskSource(text).split('\n').map(maskLine);
  return [JSON.stringify(diagnostics), formatDiagnostics(diagnostics, text, { color: false }), ...lines].join('\n');
}

const readTargets = (text: string) => parseTargets(text, 'targets.yaml');

describe('a secret in a file with a mistake', () => {
  const cases = [
    ...Object.entries(SCENARIOS).map(([where, place]) => ({ where, place, read: parse, names: NAMES })),
    ...Object.entries(TARGETS_PLACES).map(([where, place]) => {
      const names = where === 'a webhook' ? ['url', ...NAMES] : where.startsWith('TLS') ? ['key', ...NAMES] : NAMES;
      return { where, place, read: readTargets, names };
    }),
  ];
  for (const { where, place, read, names } of cases) {
    for (const [at, [shape, written]] of Object.entries(SHAPES).entries()) {
      it(`is in nothing that is said of it: in ${where}, ${shape}`, () => {
        // Each shape with some of the names, and with other secrets for each.
        const some = names.filter((_, index) => (index + at) % 4 === 0);
        const seen = some.flatMap((name, index) => {
          const secret = SECRETS[(index + at) % SECRETS.length] ?? '';
          const lines = written.replace(/[NS]/g, (mark) => (mark === 'N' ? name : secret));
          const text = place[0].replace('X', () => indented(lines, place[1]));
          const told = toldOf(text, read).split('\n');
          return told.filter((line) => line.includes(secret.slice(0, SEEN))).map((line) => `${name}: ${line}`);
        });
        expect(seen).to.deep.equal([]);
      });
    }
  }
});
