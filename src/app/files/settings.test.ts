import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'yaml';
import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { FAULT_KINDS, STARTER_FAULT } from '../../faults/index.ts';
import { ENGINE_KINDS } from '../../load/engines.ts';
import { FaultlineError } from '../../model/errors.ts';
import { initScenario, parseScenario } from '../../scenario/index.ts';
import { applySettings } from './settings.ts';

const TEXT = 'spec:\n  load: {rate: 50/s}\n  faults: [{name: a}]\n';

/** What `--set spec.x=VALUE` makes of a value. */
function setValue(value: string): unknown {
  return (parse(applySettings(TEXT, [`spec.x=${value}`])) as { spec: { x: unknown } }).spec.x;
}

function refusal(setting: string): string {
  try {
    applySettings(TEXT, [setting]);
  } catch (error) {
    if (error instanceof FaultlineError && error.code === 'USAGE') return `${error.message} ${error.hint ?? ''}`;
    throw error;
  }
  return 'accepted';
}

describe('--set', () => {
  it('replaces values by path, list entries by number', () => {
    expect(applySettings(TEXT, ['spec.load.rate=10/s', 'spec.faults.0.name=b'])).to.equal(
      'spec:\n  load: { rate: 10/s }\n  faults: [ { name: b } ]\n',
    );
    expect(applySettings(TEXT, ['spec.faults.1={name: c}'])).to.contain('[ { name: a }, { name: c } ]');
  });

  it('takes every share, rate, duration, list and mapping as people write it', () => {
    const natural: readonly [text: string, value: unknown][] = [
      ['>= 99%', '>= 99%'],
      ['>=99.95%', '>=99.95%'],
      ['> 5%', '> 5%'],
      ['>5', '>5'],
      ['<= 1%', '<= 1%'],
      ['99%', '99%'],
      ['50/s', '50/s'],
      ['1m30s', '1m30s'],
      ['7', 7],
      ['true', true],
      ['', null],
      ['""', ''],
      ["it's", "it's"],
      ['a=b', 'a=b'],
      ['two words', 'two words'],
      ['[1, two]', [1, 'two']],
      ['[sleep, "3600"]', ['sleep', '3600']],
      ['{good: >= 99%, sameZone: ">= 98%"}', { good: '>= 99%', sameZone: '>= 98%' }],
      ['[{zone: a, share: >= 60%}, {region: b}]', [{ zone: 'a', share: '>= 60%' }, { region: 'b' }]],
      ['within: 5s', { within: '5s' }],
      ['["a, >= 1%"]', ['a, >= 1%']],
    ];
    for (const [text, value] of natural) expect(setValue(text), text).to.deep.equal(value);
  });

  it('gives a scenario that says what was set', () => {
    const set = ['spec.expect.steadyState.good=>= 97%', 'spec.expect.errorBudget={perCaller: 3, ratio: <= 2%}'];
    const parsed = parseScenario(
      applySettings(initScenario(STARTER_FAULT), set),
      'x.yaml',
      FAULT_KINDS,
      OBJECTIVES,
      ENGINE_KINDS,
    );
    expect(parsed.ok && parsed.value.expect.steadyState.goodAtLeast).to.equal(0.97);
    expect(parsed.ok && parsed.value.expect.errorBudget).to.deep.equal({ perCaller: 3, ratio: 0.02 });
  });

  it('takes the paths that completion offers and diagnostics write', () => {
    for (const path of ['spec.faults[0].imageSwap.image', 'spec.faults.0.imageSwap.image']) {
      const text = applySettings(initScenario(STARTER_FAULT), [`${path}=other`]);
      expect(text, path).to.contain('image: other').and.to.not.contain('faults[0]');
    }
    expect(refusal('spec.faults[7].name=x')).to.contain('spec.faults has 1 entries');
  });

  it('property: every JSON value comes through as it is', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 6 }).filter((key) => key !== '__proto__');
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null)),
      tree: fc.oneof(
        { maxDepth: 3 },
        tie('leaf'),
        fc.array(tie('tree')),
        fc.dictionary(name, tie('tree'), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(setValue(JSON.stringify(value))).to.deep.equal(value);
      }),
    );
  });

  it('refuses a name behind &, which would be lost', () => {
    for (const text of ['&> ~', '&a b', '&a [1]'])
      expect(refusal(`spec.x=${text}`), text).to.contain('& would be a name');
  });

  it('property: a value of one line is taken whole or refused, never cut', () => {
    const sign = fc.constantFrom(...'>|<=%@`*&!#-?:[]{},"\' \t~ab1'.split(''));
    fc.assert(
      fc.property(fc.string({ unit: sign, minLength: 1, maxLength: 8 }), (text) => {
        if (text.trim() === '' || refusal(`spec.x=${text}`) !== 'accepted') return;
        const value = setValue(text);
        const isNothing = value === '' || value === null;
        if (isNothing) expect(text.trim()).to.be.oneOf(['~', '""', "''"]);
        if (typeof value === 'string' && !/^\s*["'!&]/.test(text)) expect(value).to.equal(text.trim());
      }),
      { numRuns: 500 },
    );
  });

  it('says what to write where YAML cannot read a value', () => {
    for (const value of [
      '> of all',
      '|',
      '@home',
      '%',
      '*x',
      '[*>]\t',
      '{a: *x}',
      '!tag x',
      'a # b',
      '# b',
      '[x',
      '{a: 1',
      '"x',
      '---',
      'a: b: c',
    ]) {
      expect(refusal(`spec.x=${value}`), value)
        .to.contain(`--set spec.x=${value}: the value cannot be read as YAML`)
        .and.to.contain("in quotes: --set 'spec.x=");
    }
    expect(refusal('spec.x=@home')).to.contain(`--set 'spec.x="@home"'`);
    expect(setValue('"@home"')).to.equal('@home');
  });

  it('refuses what is no setting and no place, and leaves broken YAML to its own diagnostics', () => {
    expect(refusal('spec.load.rate')).to.contain('not of the form');
    expect(refusal('spec..rate=1')).to.contain('not of the form');
    expect(refusal('=1')).to.contain('not of the form');
    expect(refusal('spec.load.rate.x=1')).to.contain('no such place').and.to.contain('spec.load.rate');
    expect(refusal('spec.faults.7.name=b')).to.contain('spec.faults has 1 entries');
    expect(refusal('spec.faults.first.name=b')).to.contain('spec.faults has 1 entries');
    expect(applySettings('a: [', ['a=1'])).to.equal('a: [');
  });
});
