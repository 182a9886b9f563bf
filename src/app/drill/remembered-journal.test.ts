import { expect } from 'chai';
import type { Journal, JournalEntry } from '../../model/journal.ts';
import { remembered } from './remembered-journal.ts';

describe('a journal that is remembered', () => {
  const entry = (fault: string): JournalEntry => ({ state: 'undo-intent', fault, wall: '2026-11-30T09:00:00.000Z' });

  it('knows what it could not write, and says so', () => {
    const entries: JournalEntry[] = [];
    const broken: string[] = [];
    let isFull = false;
    const append: Journal['append'] = () => {
      if (isFull) throw new Error('journal.ndjson: cannot be written: EPERM');
    };
    const journal = remembered({ append }, entries, (message) => broken.push(message));
    journal.append(entry('a'));
    expect(broken).to.deep.equal([]);
    isFull = true;
    expect(() => journal.append(entry('b'))).to.throw('EPERM');
    expect(broken).to.deep.equal(['journal.ndjson: cannot be written: EPERM']);
    expect(entries).to.deep.equal([entry('a'), entry('b')]);
  });
});
