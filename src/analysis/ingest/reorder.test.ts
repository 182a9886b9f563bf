import { expect } from 'chai';
import fc from 'fast-check';
import type { RequestRecord } from '../../model/record.ts';
import { emptyRecord } from '../../model/record-codec.ts';
import { Reorder } from './reorder.ts';

const BOUND = 1_000_000;

function recordAt(seq: number): RequestRecord {
  return {
    ...emptyRecord(),
    seq,
    due: seq * 10_000,
    start: seq * 10_000 + 5,
    end: seq * 10_000 + 900,
    ended: 'response',
    status: 200 + (seq % 5),
    chain: seq % 3,
    // An answer that said what it should not has words, too.
    text: (seq % 4) - 1,
    fresh: seq % 2 === 0,
  };
}

function run(
  seqs: readonly number[],
  underWayFrom?: number,
): { out: RequestRecord[]; missingBefore: number[]; reorder: Reorder } {
  const out: RequestRecord[] = [];
  const missingBefore: number[] = [];
  const reorder = new Reorder(BOUND, (record, missing) => {
    out.push({ ...record });
    missingBefore.push(missing);
  });
  let latest = 0;
  for (const seq of seqs) {
    const record = recordAt(seq);
    latest = Math.max(latest, record.end);
    reorder.push(record, latest);
  }
  reorder.finish(underWayFrom);
  return { out, missingBefore, reorder };
}

describe('analysis: reorder', () => {
  it('gives back due order and whole records, whatever the order inside the bound', () => {
    const keys = fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 600 });
    fc.assert(
      fc.property(keys, (jitter) => {
        const seqs = jitter.map((_, seq) => seq).sort((a, b) => a + (jitter[a] ?? 0) - (b + (jitter[b] ?? 0)) || a - b);
        const { out, reorder } = run(seqs);
        expect(out).to.deep.equal(jitter.map((_, seq) => recordAt(seq)));
        expect([reorder.missing, reorder.strays]).to.deep.equal([0, 0]);
      }),
    );
  });

  it('counts every hole once, before the record that follows it', () => {
    const { out, missingBefore, reorder } = run([0, 1, 4, 5, 300, 301]);
    expect(out.map(({ seq }) => seq)).to.deep.equal([0, 1, 4, 5, 300, 301]);
    expect(missingBefore).to.deep.equal([0, 0, 2, 0, 294, 0]);
    expect(reorder.missing).to.equal(296);
  });

  it('counts no hole behind a record of the time in which requests may be under way, and every hole before', () => {
    const seqs = [0, 2, 3, 5, 6, 9];
    for (const [from, missing] of [
      [0, 0],
      [1, 1],
      [recordAt(3).due, 1],
      [recordAt(3).due + 1, 2],
      [recordAt(6).due + 1, 4],
    ] as const) {
      const { out, missingBefore, reorder } = run(seqs, from);
      expect(out.map(({ seq }) => seq)).to.deep.equal(seqs);
      expect(missingBefore.reduce((sum, n) => sum + n)).to.equal(missing);
      expect(reorder.missing, `from ${from}`).to.equal(missing);
    }
  });

  it('passes over a jump that no memory could hold', () => {
    const { out, reorder } = run([0, 2, 9e12, 9e12 + 1]);
    expect(out.map(({ seq }) => seq)).to.deep.equal([0, 2, 9e12, 9e12 + 1]);
    expect(reorder.missing).to.equal(9e12 - 2);
  });

  it('counts records that come twice or too late, and does not use them', () => {
    const { out, reorder } = run([0, 0, 2, 2, 150, 1, 151]);
    expect(out.map(({ seq }) => seq)).to.deep.equal([0, 2, 150, 151]);
    expect(reorder.strays).to.equal(3);
  });

  it('passes on what waited as soon as its hole is filled, so that it cannot come again', () => {
    const { out, reorder } = run([1, 0, 1, 2]);
    expect(out.map(({ seq }) => seq)).to.deep.equal([0, 1, 2]);
    expect(reorder.strays).to.equal(1);
  });
});
