import { expect } from 'chai';
import type { Static } from 'typebox';
import { Check, Errors } from 'typebox/value';
import type { RunResult } from '../model/result.ts';
import type { PromisedExpectations } from '../model/scenario.ts';
import type { resultSchema } from './result-schema.ts';
import type { expectations } from './schema/run.ts';
import { serializeResult } from './serialize.ts';
import { RESULT_SCHEMA } from './testing/render.ts';
import { FIXTURES } from './testing/results/index.ts';
import { pass } from './testing/results/pass.ts';

type Frozen<T> = T extends (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends readonly (infer Item)[]
    ? readonly Frozen<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Frozen<T[Key]> }
      : T;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** Does not compile when the schema and the type drift apart: a field more, a field less, another type. */
const SCHEMA_AGREES: Same<
  [Frozen<Static<ReturnType<typeof resultSchema>>>, Frozen<Static<typeof expectations>>],
  [Frozen<RunResult>, Frozen<PromisedExpectations>]
> = true;

describe('report/result-schema', () => {
  it('agrees with the type', () => {
    expect(SCHEMA_AGREES).to.equal(true);
  });

  for (const [name, result] of Object.entries(FIXTURES)) {
    it(`accepts what is written to result.json: ${name}`, () => {
      expect(Errors(RESULT_SCHEMA, JSON.parse(serializeResult(result)))).to.deep.equal([]);
    });
  }

  it('refuses a missing field, a wrong word and a wrong number', () => {
    const { verdict, ...without } = pass;
    expect(verdict).to.equal('pass');
    expect(Check(RESULT_SCHEMA, without)).to.equal(false);
    expect(Check(RESULT_SCHEMA, { ...pass, verdict: 'maybe' })).to.equal(false);
    expect(Check(RESULT_SCHEMA, { ...pass, duration: -1 })).to.equal(false);
    expect(Check(RESULT_SCHEMA, { ...pass, findings: [{ id: 'x' }] })).to.equal(false);
  });

  it('knows what sent the load, and the dashboard that it left', () => {
    expect(Check(RESULT_SCHEMA, { ...pass, loadDashboard: 7 })).to.equal(false);
    const sentBy = (load: object) => ({
      ...pass,
      run: { ...pass.run, scenario: { ...pass.run.scenario, load: { ...pass.run.scenario.load, ...load } } },
    });
    const k6 = { engine: 'k6', script: 'main.ts', dashboard: true };
    expect(Errors(RESULT_SCHEMA, sentBy(k6))).to.deep.equal([]);
    for (const wrong of [{ engine: 5 }, { script: 1 }, { dashboard: false }]) {
      expect(Check(RESULT_SCHEMA, sentBy(wrong)), JSON.stringify(wrong)).to.equal(false);
    }
  });

  it('is plain JSON that names its draft', () => {
    const text = JSON.stringify(RESULT_SCHEMA);
    expect(JSON.parse(text)).to.have.property('$schema', 'https://json-schema.org/draft/2020-12/schema');
  });
});

describe('report/serialize', () => {
  it('does not depend on the order of keys', () => {
    const turned = Object.fromEntries(Object.entries(pass).toReversed()) as typeof pass;
    expect(serializeResult(turned)).to.equal(serializeResult(pass));
  });

  it('gives the result back', () => {
    expect(JSON.parse(serializeResult(pass))).to.deep.equal(structuredClone(pass));
  });
});
