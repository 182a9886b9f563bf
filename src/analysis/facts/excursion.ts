import type { Block } from '../../stats/index.ts';

/** Shorter ones are bursts of strays, which the design effect weighs. */
const LEAST_BLOCKS = 3;
/** Fewer calls elsewhere are none. */
export const LEAST_CALLS = 20;

/**
 * Whether most calls of some seconds in a row missed: no burst of strays, but another route. `blocks` are of one second
 * each, in order; a second without calls does not interrupt. `least` of them make some.
 */
export function isExcursion(blocks: readonly Block[], least = LEAST_BLOCKS): boolean {
  let run = 0;
  let missed = 0;
  for (const { all, hits } of blocks) {
    if (all === 0) continue;
    const isOff = (all - hits) * 2 > all;
    run = isOff ? run + 1 : 0;
    missed = isOff ? missed + all - hits : 0;
    if (run >= least && missed >= LEAST_CALLS) return true;
  }
  return false;
}
