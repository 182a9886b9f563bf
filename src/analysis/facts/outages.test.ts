import { expect } from 'chai';
import fc from 'fast-check';
import type { RequestRecord } from '../../model/record.ts';
import type { ChainRef } from '../ingest/chains.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Stage } from '../timeline/stages.ts';
import type { Segment, Windows } from '../timeline/windows.ts';
import { OutageBook } from './outages.ts';

const SECOND = 1e6;
const SPACING = 50_000;
const RULE = { consecutive: 5, lastingMs: 1_000 };
const WINDOWS = {
  baseline: { start: 0, end: SECOND },
  home: { start: 11 * SECOND, end: 20 * SECOND },
  budget: { start: 0, end: 20 * SECOND },
} as unknown as Windows;
const STAGES = [
  { start: SECOND, end: 6 * SECOND },
  { start: 6 * SECOND, end: 11 * SECOND },
] as unknown as Stage[];
const CHAIN = { chain: { hops: [], rest: '' }, kind: { complete: [true] } } as unknown as ChainRef;

const record = (due: number): RequestRecord =>
  ({ due, start: due, end: due + 5000, ended: 'response', status: 200 }) as RequestRecord;

function segmentOf(due: number): Segment {
  if (due >= 11 * SECOND) return { part: 'home', stage: -1 } as Segment;
  return { part: 'stage', stage: due < 6 * SECOND ? 0 : 1 } as Segment;
}

/** Requests from 1 s to 20 s; those for which `isBad` are bad. */
function followed(isBad: (due: number) => boolean) {
  const book = new OutageBook(STAGES, WINDOWS, RULE, 20 * SECOND);
  const path = {
    row: 0,
    index: 0,
    zone: 'a',
    cluster: 'c',
    rate: SECOND / SPACING,
    rule: { index: 0, good: { chain: ['mocka'] } },
  } as unknown as PathStream & {
    segment: Segment;
  };
  for (let due = SECOND; due < 20 * SECOND; due += SPACING) {
    const segment = segmentOf(due);
    path.segment = segment;
    if (isBad(due)) book.bad(path, segment, record(due), CHAIN);
    else book.good(path, segment, record(due), CHAIN);
  }
  book.finish([path], 20 * SECOND);
  return { first: book.stage(path, 0), second: book.stage(path, 1) };
}

describe('outages of a path', () => {
  it('that are over right before the next fault are proven over in its stage, unless it fails there at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 19 }), fc.integer({ min: 0, max: 40 }), (before, after) => {
        const over = 6 * SECOND - before * SPACING;
        const failsAgain = 6 * SECOND + after * SPACING;
        const { first } = followed((due) => (due >= 2 * SECOND && due < over) || due === failsAgain);
        const isProven = failsAgain - over > RULE.lastingMs * 1_000;
        expect(first.outages.map(({ hi }) => hi)).to.deep.equal([isProven ? over + 5000 : null]);
      }),
    );
  });

  it('that are over right before the undo stay open: what is good then may come from what was back', () => {
    const { second } = followed((due) => due >= 7 * SECOND && due < 10.5 * SECOND);
    expect(second.outages.map(({ hi }) => hi)).to.deep.equal([null]);
  });

  it('that began in one stage and go on in the next stay open in the first', () => {
    const { first, second } = followed((due) => due >= 5 * SECOND && due < 7 * SECOND);
    expect(first.outages.map(({ hi }) => hi)).to.deep.equal([null]);
    expect(second.outages.map(({ hi }) => hi)).to.deep.equal([7 * SECOND + 5000]);
  });
});
