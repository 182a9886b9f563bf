import { expect } from 'chai';
import fc from 'fast-check';
import { anchorOf, anchorsOf, firstById, SECTIONS } from './anchors.ts';
import { pass } from './testing/results/pass.ts';

describe('report/anchors', () => {
  it('keeps ids that are safe as they are', () => {
    expect(anchorOf('recoveryTime/entry@tokyo/ap-northeast-1a')).to.equal('recoveryTime/entry@tokyo/ap-northeast-1a');
  });

  it('never gives a finding the name of a section or of a picture', () => {
    for (const id of [...SECTIONS, '', 'ui-pic-timeline']) expect(anchorOf(id)).to.equal(`${id}~`);
  });

  it('gives only safe, short and distinct anchors', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(anchorOf(a)).to.match(/^[A-Za-z0-9._/@:~-]{1,140}$/);
        if (a !== b) expect(anchorOf(a)).to.not.equal(anchorOf(b));
      }),
    );
  });

  it('links only to what is on the page', () => {
    const anchors = anchorsOf([...pass.findings, ...pass.evidence]);
    expect(anchors.link('#order')).to.equal('#order');
    expect(anchors.link('e12')).to.equal('#e12');
    expect(anchors.link('e999')).to.equal(undefined);
    expect(anchors.link('javascript:alert(1)')).to.equal(undefined);
  });

  it('keeps the first of rows with the same id', () => {
    const same = { id: 'a' };
    expect([...firstById([same, { id: 'b' }, same])]).to.deep.equal([0, 1]);
  });
});
