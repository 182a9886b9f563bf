import { expect } from 'chai';
import { toDiagnostics } from './diagnostics.ts';
import { error, type Problems, warning } from './problems.ts';

const TEXT = '\ufeffab: \ud83d\ude00cd\r\n\tef\n';

describe('scenario/problems', () => {
  it('orders by place, says everything once, and counts characters from 1', () => {
    const problems: Problems = [];
    warning(problems, 'FIELD_VALUE', { start: 11, end: 13 }, 'second line');
    error(problems, 'FIELD_TYPE', { start: 4, end: 99 }, 'to the end of the line', 'a hint');
    error(problems, 'FIELD_TYPE', { start: 6, end: 7 }, 'after a wide character');
    error(problems, 'FIELD_TYPE', { start: 6, end: 7 }, 'after a wide character');
    error(problems, 'USAGE', { start: 99, end: 99 }, 'beyond the end');
    expect(toDiagnostics(problems, 'f', TEXT)).to.deep.equal([
      {
        code: 'FIELD_TYPE',
        severity: 'error',
        message: 'to the end of the line',
        hint: 'a hint',
        file: 'f',
        line: 1,
        column: 5,
        length: 3,
      },
      {
        code: 'FIELD_TYPE',
        severity: 'error',
        message: 'after a wide character',
        file: 'f',
        line: 1,
        column: 6,
        length: 1,
      },
      { code: 'FIELD_VALUE', severity: 'warning', message: 'second line', file: 'f', line: 2, column: 2, length: 2 },
      { code: 'USAGE', severity: 'error', message: 'beyond the end', file: 'f', line: 3, column: 1, length: 1 },
    ]);
  });

  it('counts errors and warnings beyond a hundred apart', () => {
    const problems: Problems = [];
    for (let start = 0; start < 130; start += 1) warning(problems, 'FIELD_VALUE', { start, end: start + 1 }, 'w');
    const found = toDiagnostics(problems, 'f', 'x'.repeat(200));
    expect(found).to.have.length(101);
    expect(found[100]).to.include({ severity: 'warning', code: 'YAML_LIMIT', column: 101 });
  });
});
