import { expect } from 'chai';
import { emptyRecord } from '../../model/record-codec.ts';
import { exampleOf } from './example.ts';
import { type Group, withFewVarious } from './failure-groups.ts';

function group(cause: string, path: string, stage: number, count: number, first: number): Group {
  const example = exampleOf(0, { ...emptyRecord(), due: first }, undefined);
  const caller = { id: 'gateway', zone: 'a' };
  return { cause, text: -1, path, caller, part: 'stage', stage, counts: true, count, first, last: first + 10, example };
}

describe('analysis: failures that were not told apart', () => {
  it('are one row for each path; the others stay as they are, most frequent first', () => {
    const told = [group('timeout', 'a', 0, 9, 5), group('timeout', 'a', 1, 8, 50)];
    const various = [group('various failures', 'a', 1, 6, 60), group('various failures', 'a', 0, 5, 7)];
    const other = group('various failures', 'b', 0, 2, 3);
    const rows = withFewVarious([...told, ...various, other]);
    expect(rows.map(({ cause, path, count }) => [cause, path, count])).to.deep.equal([
      ['various failures', 'a', 11],
      ['timeout', 'a', 9],
      ['timeout', 'a', 8],
      ['various failures', 'b', 2],
    ]);
    const [sum] = rows;
    expect([sum?.first, sum?.last, sum?.example.due]).to.deep.equal([7, 70, 7]);
    expect(various.map(({ count }) => count)).to.deep.equal([6, 5]);
  });

  it('change nothing where there are none', () => {
    const told = [group('timeout', 'a', 0, 9, 5)];
    expect(withFewVarious(told)).to.equal(told);
  });
});
