import type { Cell, Survival } from './cell.ts';
import { cellsAt, type Matrix, summaryOf } from './matrix.ts';

export const SURVIVAL_WORDS: Readonly<Record<Survival, string>> = {
  survived: '✓ survived',
  lost: '✗ not survived',
  unknown: '? not decided',
};

const seconds = (micros: number): string => (micros / 1e6).toFixed(2);

/** `served again after 1.10 to 1.21 s; 1 of 4 entrances not before the undo`. */
export function recoveryText({ recovery, cutOff: { paths, of } }: Cell): string {
  const lost = paths === 0 ? [] : [`${paths} of ${of} ${of === 1 ? 'entrance' : 'entrances'} not before the undo`];
  const back = recovery && [`served again after ${seconds(recovery.lo)} to ${seconds(recovery.hi)} s`];
  const told = [...(back ?? []), ...lost];
  return told.length === 0 ? 'nobody had to wait' : told.join('; ');
}

/** For a terminal: a line for each cell that is not as expected, and the whole in a table. */
export function matrixText(matrix: Matrix): string {
  const { topologies, failures } = matrix;
  const signs = { survived: '✓', lost: '✗', unknown: '?' } as const satisfies Record<Survival, string>;
  const square = (topology: string, failure: string): string => {
    const cells = cellsAt(matrix, topology, failure);
    return cells.length === 0
      ? '-'
      : cells.map(({ survival, asExpected }) => signs[survival] + (asExpected ? '' : '!')).join(' ');
  };
  const table = [
    ['', ...failures],
    ...topologies.map(({ name }) => [name, ...failures.map((one) => square(name, one))]),
  ];
  const widths = ['', ...failures].map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const lines = table.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const odd = matrix.cells.filter(({ asExpected }) => !asExpected);
  const told = odd.map(
    ({ scenario, expected, verdict, reason }) => `${scenario}: expected ${expected}, is ${verdict}: ${reason}`,
  );
  const gaps = matrix.missing.flatMap(({ scenario, reason, recover }) =>
    recover === undefined ? [`${scenario}: not run: ${reason}`] : [`${scenario}: ${reason}`, `  ${recover}`],
  );
  return [...lines, '', ...told, ...gaps, `${summaryOf(matrix)}.`].join('\n');
}
