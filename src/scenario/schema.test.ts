import { expect } from 'chai';
import fc from 'fast-check';
import Schema from 'typebox/schema';
import { parse as parseYaml } from 'yaml';
import { OBJECTIVES } from '../analysis/objectives/index.ts';
import type { Json } from '../model/scenario.ts';
import { initScenario } from './init.ts';
import { parseScenario } from './scenario.ts';
import { scenarioSchema } from './scenario-schema.ts';
import { targetsSchema } from './targets-schema.ts';
import { ENGINES, FAULTS, FULL, LEAST, parse, STARTER_FAULT } from './testing/fixtures.ts';

type Node = { [keyword: string]: Json };

/** Every schema inside a schema, with its path. */
function parts(schema: Json, path: string): { path: string; part: Node }[] {
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) return [];
  const nested = Object.entries((schema.properties ?? {}) as Node).flatMap(([name, part]) =>
    parts(part, `${path}.${name}`),
  );
  const branches = [...((schema.anyOf ?? []) as Json[]), ...((schema.oneOf ?? []) as Json[])];
  const others = [schema.items ?? null, schema.additionalProperties ?? null, ...branches];
  return [{ path, part: schema }, ...nested, ...others.flatMap((part, index) => parts(part, `${path}/${index}`))];
}

function checkPart(part: Node, path: string): void {
  expect(
    Object.keys(part).filter((keyword) => keyword.startsWith('x-')),
    path,
  ).to.deep.equal([]);
  if (part.type === 'object') expect(part, path).to.have.property('additionalProperties').that.is.not.equal(true);
  if (typeof part.pattern === 'string') expect(() => new RegExp(part.pattern as string, 'u'), path).not.to.throw();
  const defaults = part.default === undefined ? [] : [part.default];
  for (const value of [...((part.examples ?? []) as Json[]), ...defaults]) {
    expect(Schema.Check(part, value), `${path}: ${JSON.stringify(value)}`).to.equal(true);
  }
}

const schema = scenarioSchema(FAULTS, OBJECTIVES, ENGINES);

describe('scenario/schema', () => {
  it('accepts what the reader accepts', () => {
    const k6 = ['fresh', 'engine: k6', 'script: load/main.ts', 'dashboard: true'].join('\n    ');
    for (const text of [FULL, LEAST, initScenario(STARTER_FAULT), FULL.replace('fresh', k6)]) {
      expect(parse(text).ok).to.equal(true);
      expect(Schema.Check(schema as Node, parseYaml(text))).to.equal(true);
    }
  });

  it('accepts whatever the reader accepts, of changed scenarios', () => {
    const value = fc.constantFrom(
      '5',
      '5s',
      '0s',
      '">= 99%"',
      '<= 1%',
      '50/s',
      'text',
      '[]',
      '{}',
      'null',
      'true',
      '-1',
      '1.5',
    );
    const places = [...FULL.matchAll(/(?<=: )[^ ,{}[\]\n]+(?=[,}\n])/g)].map(({ index, 0: old }) => ({ index, old }));
    let both = 0;
    fc.assert(
      fc.property(fc.constantFrom(...places), value, ({ index, old }, changed) => {
        const text = FULL.slice(0, index) + changed + FULL.slice(index + old.length);
        if (!parse(text).ok) return;
        both += 1;
        expect(Schema.Check(schema as Node, parseYaml(text))).to.equal(true);
      }),
      { seed: 3, numRuns: 400 },
    );
    expect(both).to.be.above(20);
  }).timeout(20_000);

  it('refuses most of what the reader refuses', () => {
    const wrong = [
      ['rate: 50/s', 'rate: 50'],
      ['hypothesis:', 'hypotesis:'],
      ['baseline: 10s', 'baseline: 10'],
      ['">= 98%"', '">= 98"'],
      ['podKill:', 'podKil:'],
      ['percent: 50%', 'percent: 50'],
      ['connections: fresh', 'engine: k6\n    script: ../a.ts'],
      ['perCaller: 9, perPath: 3, ratio: "<= 1%"', ''],
    ] as const;
    for (const [part, replacement] of wrong) {
      const text = FULL.replace(part, replacement);
      expect(parse(text).ok, replacement).to.equal(false);
      expect(Schema.Check(schema as Node, parseYaml(text)), replacement).to.equal(false);
    }
  });

  for (const [name, printed] of Object.entries({ scenario: schema, targets: targetsSchema() })) {
    it(`of ${name} is draft-07 that editors can use`, () => {
      expect(printed).to.have.property('$schema', 'http://json-schema.org/draft-07/schema#');
      for (const { path, part } of parts(printed, name)) checkPart(part, path);
    });
  }

  it('describes every field of ours', () => {
    const bare = parts(scenarioSchema([], OBJECTIVES, ENGINES), '').filter(
      ({ path, part }) => /\.\w+$/.test(path) && !part.description,
    );
    expect(bare.map(({ path }) => path)).to.deep.equal([]);
  });

  it('refuses a fault whose schema has a keyword that nobody would check', () => {
    const schema = { type: 'object', properties: { a: { multipleOf: 2 } } };
    const fault = { kind: 'odd', doc: '', schema, move: () => ({ kind: 'nothing' }) as const };
    expect(() => parseScenario(LEAST, 'f', [fault], OBJECTIVES, ENGINES)).to.throw(
      'the schema of odd uses the keyword multipleOf',
    );
  });
});
