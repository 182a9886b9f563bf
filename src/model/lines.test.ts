import { expect } from 'chai';
import fc from 'fast-check';
import { Lines } from './lines.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('model/lines', () => {
  it('completes a line with its end and keeps what has none until the end', () => {
    const lines = new Lines();
    expect(lines.push(utf8('a\nb'))).to.deep.equal(['a']);
    expect(lines.push(utf8('c\n\nd'))).to.deep.equal(['bc', '']);
    expect(lines.end()).to.deep.equal(['d']);
    expect(lines.end()).to.deep.equal([]);
  });

  it('ends a line at a line feed only, and keeps a byte order mark', () => {
    expect(new Lines().push(utf8('\ufeffa\u2028b\rc\u0085d\n'))).to.deep.equal(['\ufeffa\u2028b\rc\u0085d']);
  });

  it('shows bytes that are no text as such, also half a character at the end', () => {
    const lines = new Lines();
    expect(lines.push(new Uint8Array([0x61, 0xff, 0x0a]))).to.deep.equal(['a\ufffd']);
    lines.push(utf8('é').subarray(0, 1));
    expect(lines.end()).to.deep.equal(['\ufffd']);
  });

  it('property: gives the same lines however the bytes are cut', () => {
    const TEXT = fc.string({ unit: fc.constantFrom('a', 'é', '𝒳', '\n', '\u2028'), maxLength: 40 });
    fc.assert(
      fc.property(TEXT, fc.array(fc.nat({ max: 90 }), { maxLength: 6 }), (text, cuts) => {
        const bytes = utf8(text);
        const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
        const lines = new Lines();
        const got = edges.slice(1).flatMap((to, index) => lines.push(bytes.subarray(edges[index], to)));
        expect([...got, ...lines.end()]).to.deep.equal(
          text
            .replace(/\n$/, '')
            .split('\n')
            .slice(text === '' ? 1 : 0),
        );
      }),
    );
  });
});
