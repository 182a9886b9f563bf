import { practiceKind } from '../../model/practice.ts';
import type { Target, Topology } from '../../model/target.ts';
import type { Ruling } from './guard.ts';

/** What to do where a query tells nothing. */
export const NO_VALUE =
  'Correct spec.prometheus of the targets file, or the query: `or vector(0)` gives a value where there is no series yet.';

/** What is said where there is no Prometheus to ask; targets for practice may do without. */
export function unasked(what: string, target: Target, topology: Topology): Ruling {
  const practice = practiceKind(topology);
  const detail = `target ${target.name} names no Prometheus for ${what}`;
  if (practice !== undefined) return { refused: false, detail: `${detail}: it is not asked on the ${practice}` };
  return { refused: true, detail, hint: 'Add to its targets file: spec.prometheus: {url: "https://…"}' };
}
