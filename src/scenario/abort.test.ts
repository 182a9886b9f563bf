import { expect } from 'chai';
import { abortConditions } from '../model/abort-defaults.ts';
import { accepted, diagnosticsOf, edited, LEAST, parse, places } from './testing/fixtures.ts';

/** The least scenario, with phases that leave room for conditions, two requests, and these conditions in line 9. */
function withAbort(conditions: string): string {
  const longer = edited(LEAST, 'baseline: 1s, hold: 1s', 'baseline: 10s, hold: 20s');
  const load = edited(
    longer,
    '{paths: [{name: entry, request: {path: /}}], rate: 50/s}',
    '{paths: [{name: entry, request: {path: /}}, {name: pay, request: {path: /pay}, via: [{zone: a}, {zone: b}], rate: 1/s}], rate: 50/s}',
  );
  return edited(load, '  expect:', `  abort: [${conditions}]\n  expect:`);
}

const found = (conditions: string): string[] => places(diagnosticsOf(parse(withAbort(conditions))));

describe('the abort conditions of a scenario', () => {
  it('are read with their units, in their order', () => {
    const shares = '{errorShare: {path: entry, above: 50%, for: 10s}}, {errorShare: {above: 5%, for: 20s}}';
    const asked = '{prometheus: {query: up, below: 3, for: 30s}}, {prometheus: {query: x, above: -0.5, for: 10s}}';
    const text = withAbort(`${shares}, {noContact: 15s}, {blind: 25s}, ${asked}`);
    expect(accepted(parse(text)).abort).to.deep.equal([
      { kind: 'errorShare', path: 'entry', above: 0.5, forMs: 10_000 },
      { kind: 'errorShare', above: 0.05, forMs: 20_000 },
      { kind: 'noContact', forMs: 15_000 },
      { kind: 'blind', forMs: 25_000 },
      { kind: 'prometheus', query: 'up', limit: { side: 'below', value: 3 }, forMs: 30_000 },
      { kind: 'prometheus', query: 'x', limit: { side: 'above', value: -0.5 }, forMs: 10_000 },
    ]);
  });

  it('are lost contact and blind load where nothing is written, and where only others are', () => {
    const always = [
      { kind: 'noContact', forMs: 30_000 },
      { kind: 'blind', forMs: 20_000 },
    ];
    expect(abortConditions(accepted(parse(LEAST)))).to.deep.equal(always);
    const own = accepted(parse(withAbort('{noContact: 10s}')));
    expect(abortConditions(own)).to.deep.equal([{ kind: 'noContact', forMs: 10_000 }, always[1]]);
  });

  it('are blind only after what three requests and a timeout take', () => {
    const slow = edited(LEAST, 'rate: 50/s', 'rate: 6/m, timeout: 60s');
    expect(abortConditions(accepted(parse(slow))).at(-1)).to.deep.equal({ kind: 'blind', forMs: 90_000 });
  });

  const MISTAKES: readonly [what: string, conditions: string, ...places: string[]][] = [
    ['a path that is not there', '{errorShare: {path: entri, above: 50%, for: 10s}}', '9:31 NAME_UNKNOWN'],
    ['a share above all', '{errorShare: {above: 101%, for: 10s}}', '9:32 FIELD_VALUE'],
    ['a share that nothing exceeds', '{errorShare: {above: 100%, for: 10s}}', '9:32 FIELD_VALUE'],
    ['a share without unit', '{errorShare: {above: 50, for: 10s}}', '9:32 UNIT_MISSING'],
    ['a window without unit', '{errorShare: {above: 50%, for: 10}}', '9:42 UNIT_MISSING'],
    ['a window that is too short', '{errorShare: {above: 50%, for: 4s}}', '9:42 FIELD_VALUE'],
    ['a window longer than the scenario', '{errorShare: {above: 50%, for: 31s}}', '9:42 FIELD_VALUE'],
    ['a window of too few requests', '{errorShare: {path: pay, above: 50%, for: 9s}}', '9:53 FIELD_VALUE'],
    ['no window', '{errorShare: {above: 50%}}', '9:12 FIELD_MISSING'],
    ['a query without limit', '{prometheus: {query: up, for: 10s}}', '9:12 FIELD_MISSING'],
    ['a query with two limits', '{prometheus: {query: up, above: 1, below: 1, for: 10s}}', '9:46 FIELD_VALUE'],
    ['a limit that is text', '{prometheus: {query: up, above: much, for: 10s}}', '9:43 FIELD_TYPE'],
    ['a limit beyond numbers', '{prometheus: {query: up, above: .inf, for: 10s}}', '9:43 FIELD_VALUE'],
    ['a limit that is no number', '{prometheus: {query: up, above: .nan, for: 10s}}', '9:43 FIELD_VALUE'],
    ['an empty query', '{prometheus: {query: " ", above: 1, for: 10s}}', '9:32 FIELD_VALUE'],
    ['a query for longer than the scenario', '{prometheus: {query: up, above: 1, for: 31s}}', '9:51 FIELD_VALUE'],
    ['two conditions in one', '{noContact: 20s, blind: 20s}', '9:28 FIELD_VALUE'],
    ['none in one', '{}', '9:11 FIELD_MISSING'],
    ['a misspelt condition', '{errorshare: {above: 50%, for: 10s}}', '9:12 FIELD_UNKNOWN'],
    ['lost contact twice', '{noContact: 20s}, {noContact: 10s}', '9:41 NAME_DUPLICATE'],
    ['blind twice', '{blind: 20s}, {blind: 21s}', '9:33 NAME_DUPLICATE'],
    ['lost contact that the lease would end first', '{noContact: 31s}', '9:23 FIELD_VALUE'],
    ['blindness longer than the scenario', '{blind: 31s}', '9:19 FIELD_VALUE'],
  ];
  for (const [what, conditions, ...expected] of MISTAKES) {
    it(`are refused with ${what}, where it stands`, () => {
      expect(found(conditions)).to.deep.equal(expected);
    });
  }

  it('are refused where a load that is well would be taken for blind', () => {
    const slow = edited(withAbort('{blind: 12s}'), 'rate: 50/s}', 'rate: 50/s, timeout: 12s}');
    expect(places(diagnosticsOf(parse(slow)))).to.deep.equal(['9:19 FIELD_VALUE']);
    expect(places(diagnosticsOf(parse(edited(slow, 'blind: 12s', 'blind: 13s'))))).to.deep.equal([]);
  });

  it('are let pass where nobody can know yet through how many gateways a request goes', () => {
    const few = edited(withAbort('{errorShare: {path: entry, above: 50%, for: 5s}}'), 'rate: 50/s}', 'rate: 1/s}');
    expect(places(diagnosticsOf(parse(few)))).to.deep.equal([]);
    expect(found('{errorShare: {path: pay, above: 50%, for: 10s}}')).to.deep.equal([]);
  });

  it('count the wait of the last fault among the phases before the undo', () => {
    const late = edited(withAbort('{errorShare: {above: 50%, for: 31s}}'), '{name: kill,', '{name: kill, after: 1s,');
    expect(places(diagnosticsOf(parse(late)))).to.deep.equal([]);
  });
});

describe('the requirements of a scenario', () => {
  const withRequire = (text: string) => edited(LEAST, '  expect:', `  require: [${text}]\n  expect:`);
  const problems = (text: string) => places(diagnosticsOf(parse(withRequire(text))));

  it('are read as limits of queries', () => {
    const text = withRequire('{prometheus: {query: alerts, atMost: 0}}, {prometheus: {query: ready, atLeast: 3}}');
    expect(accepted(parse(text)).require).to.deep.equal([
      { query: 'alerts', limit: { side: 'above', value: 0 } },
      { query: 'ready', limit: { side: 'below', value: 3 } },
    ]);
    expect(accepted(parse(LEAST))).to.not.have.property('require');
  });

  it('are refused without a bound, with two, and with one that is no number', () => {
    expect(problems('{prometheus: {query: up}}')).to.deep.equal(['9:14 FIELD_MISSING']);
    expect(problems('{prometheus: {query: up, atMost: 1, atLeast: 1}}')).to.deep.equal(['9:49 FIELD_VALUE']);
    expect(problems('{prometheus: {query: up, atMost: .nan}}')).to.deep.equal(['9:46 FIELD_VALUE']);
    expect(problems('{}')).to.deep.equal(['9:13 FIELD_MISSING']);
  });
});
