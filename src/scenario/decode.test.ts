import { expect } from 'chai';
import type { Schema } from '../schema/schema.ts';
import { decode } from './decode.ts';
import { toDiagnostics } from './diagnostics.ts';
import type { Problems } from './problems.ts';
import { readDocument } from './yaml-syntax.ts';
import { buildTree } from './yaml-tree.ts';

/** Two shapes of mapping, or a share, or a number: what no field of the scenario has, and a fault may have. */
const EITHER: Schema<unknown> = {
  oneOf: [
    { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'], additionalProperties: false },
    {
      type: 'object',
      properties: { names: { type: 'array', items: { type: 'string' }, maxItems: 1 } },
      additionalProperties: false,
    },
    { type: 'string', 'x-unit': 'percent' },
    { type: 'number', minimum: 0.5, maximum: 2 },
  ],
};

function read(text: string): { value: unknown; messages: string[] } {
  const problems: Problems = [];
  const document = readDocument(text, problems);
  if (document === undefined) throw new Error('the text of the spec is not YAML');
  const value = decode(EITHER, buildTree(document, problems), problems);
  return { value, messages: toDiagnostics(problems, 'f', text).map(({ message }) => message) };
}

describe('scenario/decode', () => {
  const ACCEPTED: readonly [text: string, value: unknown][] = [
    ['{count: 3}', { count: 3 }],
    ['{names: [a]}', { names: ['a'] }],
    ['50%', 0.5],
    ['0.5', 0.5],
  ];
  for (const [text, value] of ACCEPTED) {
    it(`takes the branch that fits ${text}`, () => {
      expect(read(text)).to.deep.equal({ value, messages: [] });
    });
  }

  const REFUSED: readonly [text: string, message: string][] = [
    ['{count: x}', 'count must be a whole number, not `x`'],
    ['{names: [a, b]}', 'names must not have more than 1 entry'],
    ['2.5', 'the file must be at most 2, not `2.5`'],
    ['0.4', 'the file must be at least 0.5, not `0.4`'],
    ['[a]', 'the file must be a mapping or a share such as `60%` or a number'],
  ];
  for (const [text, message] of REFUSED) {
    it(`explains ${text} by the branch that is nearest`, () => {
      expect(read(text).messages).to.deep.equal([message]);
    });
  }
});
