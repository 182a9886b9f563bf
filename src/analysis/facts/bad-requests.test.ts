import { expect } from 'chai';
import { BadRequestBook } from './bad-requests.ts';

const example = (seq: number) => ({
  pathIndex: 0,
  seq,
  due: seq * 1000,
  start: seq * 1000,
  end: seq * 1000 + 500,
  status: 0,
  error: 'tls',
  text: 0,
  chain: undefined,
});

/** A book of so many failures that come in the other order; each n-th is of another cause. */
function bookOf(count: number, causeOf: (seq: number) => string) {
  const book = new BadRequestBook();
  for (let seq = count - 1; seq >= 0; seq -= 1) {
    const what = { cause: causeOf(seq), text: 0 };
    book.add(seq * 1000, () => ({ ...what, path: 'p', caller: 'c', example: example(seq) }), what);
  }
  return book.told(['self-signed']);
}

describe('analysis: every bad request', () => {
  it('is told whole in the order of due times, as far as there is room', () => {
    const { first, rest } = bookOf(3, () => 'tls');
    expect(first.map(({ seq }) => seq)).to.deep.equal([0, 1, 2]);
    expect(first[0]).to.include({ cause: 'tls', caller: 'c', path: 'p', text: 'self-signed', latencyMs: 0.5 });
    expect(rest).to.deep.equal([]);
  });

  it('beyond 200 is counted by cause, most frequent first, and none is lost', () => {
    const { first, rest } = bookOf(1000, (seq) => (seq % 3 === 0 ? 'tls' : 'dns'));
    expect(first.map(({ seq }) => seq)).to.deep.equal(Array.from({ length: 200 }, (_, at) => at));
    expect(rest.map(({ cause }) => cause)).to.deep.equal(['dns', 'tls']);
    expect(first.length + rest.reduce((sum, { count }) => sum + count, 0)).to.equal(1000);
  });

  it('has no end of causes', () => {
    const { first, rest } = bookOf(5000, (seq) => `cause ${seq}`);
    expect(rest).to.have.length(101);
    expect(first.length + rest.reduce((sum, { count }) => sum + count, 0)).to.equal(5000);
    expect(rest[0]?.cause).to.equal('other failures');
  });
});
