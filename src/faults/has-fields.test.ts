import { expect } from 'chai';
import { hasFields } from './has-fields.ts';

describe('hasFields', () => {
  const FIELDS = { text: 'string', count: 'number', all: 'list', maybe: 'string?', some: 'number?' } as const;
  const whole = { text: '', count: 0, all: [], maybe: null, some: null };

  it('takes data with every field of its type, and null only where it is allowed', () => {
    expect(hasFields(whole, FIELDS)).to.equal(true);
    expect(hasFields({ ...whole, maybe: 'x', some: 1, more: {} }, FIELDS)).to.equal(true);
    for (const [name, wrong] of Object.entries({ text: null, count: '0', all: {}, maybe: 1, some: 'x' })) {
      expect(hasFields({ ...whole, [name]: wrong }, FIELDS), name).to.equal(false);
    }
    const { some: _some, ...partial } = whole;
    expect(hasFields(partial, FIELDS)).to.equal(false);
  });

  it('takes nothing else', () => {
    for (const data of [null, undefined, 'text', 1, true, [whole]]) expect(hasFields(data, {})).to.equal(false);
  });
});
