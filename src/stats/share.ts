import { betaQuantile } from './beta.ts';

/** The chance of calling a share reached that is just missed: one-sided, so 97.5 % for each limit. */
export const PASS_RISK = 0.025;

/** Below this many samples a share proves nothing, either way. */
export const LEAST_SAMPLES = 20;

/**
 * Lower limit of a share of which `hits` of `n` were seen: shares below it would show as many with a chance of less than
 * `risk` (Clopper and Pearson 1934). Both may be fractions, when `n` is an effective number. 0 without samples.
 */
export function lowerLimit(hits: number, n: number, risk: number): number {
  if (n <= 0 || hits <= 0) return 0;
  return hits >= n ? risk ** (1 / n) : betaQuantile(risk, hits, n - hits + 1);
}

/** Upper limit, likewise. 1 without samples. */
export function upperLimit(hits: number, n: number, risk: number): number {
  return 1 - lowerLimit(n - hits, n, risk);
}

/** How many samples without a miss show a share of at least `share`; undefined for 100 %, which no number shows. */
export function samplesToShow(share: number, risk: number = PASS_RISK): number | undefined {
  if (share >= 1) return undefined;
  return Math.max(LEAST_SAMPLES, share <= 0 ? 0 : Math.ceil(Math.log(risk) / Math.log(share) - 1e-9));
}

/** One block of samples that are not independent of each other: requests of one path in one second. */
export type Block = { readonly all: number; readonly hits: number };

/**
 * By how much less than `n` independent samples the blocks are worth: the variance of the share between blocks over the
 * variance that independent samples would have (design effect; Kish 1965). A burst may lie across two blocks, so
 * neighbours are taken together as well, and the largest counts. 1 where no block has a miss, because then there is nothing
 * to measure, and 1 where independent samples would show such a variance by chance (three standard deviations of the variance
 * of as many blocks). `blocks` are in order of time.
 */
export function designEffect(blocks: readonly Block[]): number {
  return Math.max(effectOf(blocks), effectOf(pairs(blocks, 0)), effectOf(pairs(blocks, 1)));
}

function pairs(blocks: readonly Block[], from: 0 | 1): Block[] {
  const paired: Block[] = from === 1 ? blocks.slice(0, 1) : [];
  for (let i = from; i < blocks.length; i += 2) {
    const { all, hits } = blocks[i] as Block;
    const next = blocks[i + 1] ?? { all: 0, hits: 0 };
    paired.push({ all: all + next.all, hits: hits + next.hits });
  }
  return paired;
}

function effectOf(blocks: readonly Block[]): number {
  const used = blocks.filter(({ all }) => all > 0);
  const all = used.reduce((sum, block) => sum + block.all, 0);
  const hits = used.reduce((sum, block) => sum + block.hits, 0);
  if (used.length < 2 || hits <= 0 || hits >= all) return 1;
  const share = hits / all;
  const spread = used.reduce((sum, block) => sum + (block.hits - block.all * share) ** 2, 0);
  const variance = (used.length / (used.length - 1)) * spread;
  const effect = variance / (all * share * (1 - share));
  return effect > 1 + 3 * Math.sqrt(2 / (used.length - 1)) ? effect : 1;
}
