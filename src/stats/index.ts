export { betaCdf, betaQuantile, binomialTail, logGamma } from './beta.ts';
export { type Count, chanceExplains, chanceOfGroup, chanceOfMore, noiseLimit } from './compare.ts';
export { lowerRank, refutesShare, samplesNeeded, showsShare, upperRank } from './order.ts';
export { type Block, designEffect, LEAST_SAMPLES, lowerLimit, PASS_RISK, samplesToShow, upperLimit } from './share.ts';
export { chanceOfLarger, chanceOfMoreHits, differenceOfShares, type Hits } from './two-samples.ts';
