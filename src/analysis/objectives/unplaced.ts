import { count } from '../facts/format.ts';
import type { CallCounts, LadderCounts } from '../facts/ladder-counts.ts';
import { rungOf } from '../facts/rungs.ts';

/** Why an order cannot be judged: calls were served of which nobody knows in which of its places, or whose callers nobody knows. */
export function unplaced(ladder: LadderCounts): string | undefined {
  const { order, sites, strangers, strangersDoubt, stage } = ladder;
  const hits = (counts: CallCounts): number => (counts.first === undefined ? 0 : ladder.sum(counts, stage));
  const lost = [...sites].filter(([site, counts]) => rungOf(order, site) === undefined && hits(counts) > 0);
  const [worst] = lost.sort(([, a], [, b]) => hits(b) - hits(a));
  if (worst !== undefined) {
    const [{ doubt }, counts] = worst;
    return `nobody knows in which place ${count(hits(counts), 'call')} of ${order.service} ${hits(counts) === 1 ? 'was' : 'were'} served: ${doubt}`;
  }
  if (hits(strangers) === 0) return undefined;
  return `nobody knows from which cluster ${count(hits(strangers), 'call')} of ${order.service} from ${order.from.zone} came: ${strangersDoubt}`;
}
