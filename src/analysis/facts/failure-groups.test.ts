import { expect } from 'chai';
import { emptyRecord } from '../../model/record-codec.ts';
import { exampleOf } from './example.ts';
import { failureGroups, type Group, isFailureOfCall } from './failure-groups.ts';

function group(cause: string, path: string, stage: number, count: number, first: number): Group {
  const example = exampleOf(0, { ...emptyRecord(), due: first }, undefined);
  const caller = { id: 'gateway', zone: 'a' };
  const times = { count, first, last: first + 10, until: first + 20 };
  return { cause, text: -1, path, caller, part: 'stage', stage, counts: true, ...times, words: new Map(), example };
}

describe('analysis: failures that were not told apart', () => {
  it('are one row for each path; the others stay as they are, most frequent first', () => {
    const told = [group('timeout', 'a', 0, 9, 5), group('timeout', 'a', 1, 8, 50)];
    const various = [group('various failures', 'a', 1, 6, 60), group('various failures', 'a', 0, 5, 7)];
    const other = group('various failures', 'b', 0, 2, 3);
    const rows = failureGroups([...told, ...various, other], []);
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

  it('are of no one call, and may be of many', () => {
    const said = (cause: string): Group => {
      const one = group(cause, 'a', 0, 1, 1);
      return { ...one, example: { ...one.example, status: 503 } };
    };
    expect(isFailureOfCall(said('status 503'))).to.equal(true);
    expect(isFailureOfCall(said('various failures'))).to.equal(false);
  });

  it('change nothing where there are none', () => {
    const told = [group('timeout', 'a', 0, 9, 5)];
    const [row] = failureGroups(told, []);
    expect(row).to.include({ cause: 'timeout', path: 'a', count: 9, first: 5, last: 15 });
  });
});
