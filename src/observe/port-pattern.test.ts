import { expect } from 'chai';
import fc from 'fast-check';
import { anyPortBut } from './port-pattern.ts';

describe('observe/port-pattern', () => {
  it('is of every port but those that are left out', () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(fc.array(port, { maxLength: 5 }), fc.array(port, { maxLength: 20 }), (out, asked) => {
        const pattern = new RegExp(`^${anyPortBut(out)}$`);
        const near = out.flatMap((one) => [one, one * 10, Math.floor(one / 10), one + 1]).filter((one) => one > 0);
        for (const one of [...asked, ...near].filter((some) => some <= 65_535)) {
          expect(pattern.test(String(one)), `${one} of all but ${out.join()}`).to.equal(!out.includes(one));
        }
      }),
    );
  });

  it('has nothing that only some regular expressions have', () => {
    for (const out of [[], [9090], [909, 9090, 65_535]]) expect(anyPortBut(out)).to.not.match(/\(\?[^:]|[\\*+]/);
  });
});
