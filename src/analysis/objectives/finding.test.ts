import { expect } from 'chai';
import fc from 'fast-check';
import type { Bound, Measured, Verdict } from '../../model/finding.ts';
import { finding } from './finding.ts';

const DRAFT = { objective: 'o', subject: 's', title: 't', story: 'st', samples: 9, evidence: [] };
const made = (verdict: Verdict, measured: Measured, target: Bound) =>
  finding({ ...DRAFT, verdict, measured, target, cause: 'why' });

describe('analysis: a finding', () => {
  it('that passes by something else than its figure does not show it', () => {
    const target = { op: '>=', value: 99, unit: '%' } as const;
    expect(made('pass', { lo: 97.02, hi: 100, unit: '%' }, target)).to.not.have.any.keys('measured', 'target');
    expect(made('pass', { lo: 99, hi: 100, unit: '%' }, target)).to.include.keys('measured', 'target');
    const late = { op: '<=', value: 5, unit: 's' } as const;
    expect(made('pass', { lo: 1, hi: null, unit: 's' }, late)).to.not.have.any.keys('measured', 'target');
    expect(made('inconclusive', { lo: 1, hi: null, unit: 's' }, late)).to.include.keys('measured', 'target');
  });

  it('property: of a pass that shows its figure, both ends of it are within the target', () => {
    const number = fc.integer({ min: 0, max: 20 });
    const op = fc.constantFrom('<=', '>=', '==' as const);
    fc.assert(
      fc.property(number, number, number, op, (lo, width, value, is) => {
        const target = { op: is, value, unit: 's' } as Bound;
        const { measured } = made('pass', { lo, hi: lo + width, unit: 's' }, target);
        const within = { '<=': lo + width <= value, '>=': lo >= value, '==': lo === value && width === 0 }[is];
        expect(measured !== undefined).to.equal(within);
      }),
    );
  });
});
