import type { Cell } from './cell.ts';

/** Topologies down, failures across. */
export type Matrix = {
  readonly format: 'faultline/matrix/v1';
  readonly startedAt: string;
  readonly target: string;
  readonly topologies: readonly { readonly name: string; readonly title: string; readonly about: string }[];
  readonly failures: readonly string[];
  readonly cells: readonly Cell[];
  /** Scenarios that gave no run to judge, with the reason. */
  readonly missing: readonly {
    readonly scenario: string;
    readonly topology: string;
    readonly failure: string;
    readonly reason: string;
    /** The command that finds out what it has left, where nobody knows. */
    readonly recover?: string;
  }[];
};

/** From the smallest to the largest; others come after them, in the order in which they were met. */
const USUAL: readonly string[] = ['own-cluster', 'service', 'zone', 'misconfiguration', 'dependency', 'region'];

/** The columns for failures, each once. */
export function inOrder(failures: readonly string[]): string[] {
  const met = [...new Set(failures)];
  return [...USUAL.filter((one) => met.includes(one)), ...met.filter((one) => !USUAL.includes(one))];
}

/** The cells of one topology under one failure: mostly one. */
export function cellsAt({ cells }: Matrix, topology: string, failure: string): Cell[] {
  return cells.filter((cell) => cell.topology === topology && cell.failure === failure);
}

/** `25 cells: 17 survived, 7 lost, 1 unknown; 24 as expected; 1 not run`. */
export function summaryOf({ cells, missing }: Matrix): string {
  const of = (survival: Cell['survival']) => cells.filter((cell) => cell.survival === survival).length;
  const counts = `${of('survived')} survived, ${of('lost')} lost, ${of('unknown')} unknown`;
  const expected = `${cells.filter(({ asExpected }) => asExpected).length} as expected`;
  const open = missing.filter(({ recover }) => recover !== undefined).length;
  const notRun = missing.length - open;
  const gaps = [
    ...(open === 0 ? [] : [`; of ${open} nobody knows what ${open === 1 ? 'it has' : 'they have'} left`]),
    ...(notRun === 0 ? [] : [`; ${notRun} not run`]),
  ];
  return `${cells.length} cells: ${counts}; ${expected}${gaps.join('')}`;
}
