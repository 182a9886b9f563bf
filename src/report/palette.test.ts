import { expect } from 'chai';
import { contrast, INKS, type Ink, PALETTE, ZONE_INKS } from './palette.ts';

const THEMES = { light: 0, dark: 1 } as const;
const GROUNDS: readonly Ink[] = ['bg', 'surface', 'passTint', 'failTint', 'inconclusiveTint'];
const TEXTS: readonly Ink[] = ['text', 'muted', 'link'];
const VERDICTS: readonly Ink[] = ['pass', 'fail', 'inconclusive'];
const MARKS: readonly Ink[] = ['neutral', 'guide', 'bandEdge', 'fail', 'other', ...ZONE_INKS.flat()];

describe('report/palette', () => {
  for (const [theme, at] of Object.entries(THEMES)) {
    const ratio = (a: Ink, b: Ink): number => contrast(PALETTE[a][at], PALETTE[b][at]);

    it(`has readable text in the ${theme} theme`, () => {
      for (const text of [...TEXTS, ...VERDICTS]) {
        for (const ground of GROUNDS) expect(ratio(text, ground), `${text} on ${ground}`).to.be.at.least(4.5);
      }
      for (const text of ['text', 'muted', 'guide', 'bandEdge'] as const) {
        expect(ratio(text, 'band'), `${text} on band`).to.be.at.least(4.5);
      }
      expect(ratio('text', 'phaseA'), 'text on phaseA').to.be.at.least(4.5);
      expect(ratio('text', 'phaseB'), 'text on phaseB').to.be.at.least(4.5);
    });

    it(`has marks that can be told from their ground in the ${theme} theme`, () => {
      for (const mark of MARKS) {
        for (const ground of ['bg', 'band'] as const) {
          const least = ground === 'bg' ? 3 : 2.4;
          expect(ratio(mark, ground), `${mark} on ${ground}`).to.be.at.least(least);
        }
      }
      for (const verdict of VERDICTS) expect(ratio(verdict, 'phaseA'), `${verdict} on phaseA`).to.be.at.least(3);
    });

    it(`tells neighbouring zones apart by lightness in the ${theme} theme`, () => {
      for (const [first, second, third] of ZONE_INKS) {
        expect(ratio(first, second)).to.be.at.least(1.5);
        expect(ratio(second, third)).to.be.at.least(1.5);
      }
    });
  }

  it('writes every colour as six hexadecimal digits', () => {
    for (const ink of INKS) for (const color of PALETTE[ink]) expect(color).to.match(/^#[0-9a-f]{6}$/);
  });

  it('computes the contrast of WCAG', () => {
    expect(contrast('#000000', '#ffffff')).to.be.closeTo(21, 0.001);
    expect(contrast('#777777', '#ffffff')).to.be.closeTo(4.48, 0.01);
  });
});
